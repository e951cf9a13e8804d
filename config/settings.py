"""All settings, read from the environment. Unset means the safe choice; DEBUG is off unless asked for.

`ASSIZE_MODE` says what this process is for: `deploy` (the default; refuses to start without its secrets),
`demo` (what `make run` sets) or `test`.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import django_stubs_ext
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config import addresses, closing_keys, env, timeouts
from config.database.address import database
from config.enum_names import ENUM_NAMES

django_stubs_ext.monkeypatch()
BASE_DIR = Path(__file__).resolve().parent.parent
MODE = env.text("ASSIZE_MODE", "deploy")
if MODE not in {"deploy", "demo", "test"}:
    raise ImproperlyConfigured(f"ASSIZE_MODE={MODE!r}: write deploy, demo or test.")
IS_DEMO = MODE in {"demo", "test"}
PROCESS = timeouts.process_kind()
"""What this process is for: `config/timeouts.py` says how long each kind waits for what."""
DEBUG = env.flag("DEBUG", default=False)
VAR_DIR = env.folder("ASSIZE_VAR", BASE_DIR / "var")
"""Everything that a running service writes: embedded servers, uploads, built static files, demo secrets."""
RUN_ID = env.text("ASSIZE_RUN_ID", "")
"""Names this run to the supervisor that started it (`make run`); no secret, and empty elsewhere."""


def _secret(name: str) -> str:
    """A secret from the environment; in demo and test a fixed stand-in, in a deployment a refusal to start."""
    if IS_DEMO:
        return env.text(name, f"only-for-demonstration-{name.lower()}-{hashlib.sha256(name.encode()).hexdigest()}")
    value = env.text(name)
    if len(value) < 32:
        raise ImproperlyConfigured(f"{name} is too short: at least 32 characters (see docs/operations.md).")
    return value


SECRET_KEY = _secret("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]" if IS_DEMO else "")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")


def _keys(name: str) -> list[bytes]:
    """256-bit keys derived from the comma-separated secrets of `name`; the first encrypts, all decrypt."""
    secrets = env.words(name) or [_secret(name)]
    if not IS_DEMO and any(len(secret) < 32 for secret in secrets):
        raise ImproperlyConfigured(f"{name}: every key needs at least 32 characters.")
    return [hashlib.sha256(f"{name}:{secret}".encode()).digest() for secret in secrets]


PERSONAL_DATA_KEYS = [base64.urlsafe_b64encode(key) for key in _keys("PERSONAL_DATA_KEYS")]
"""Fernet keys for personal data at rest, newest first."""
BLIND_INDEX_KEY = _keys("BLIND_INDEX_KEY")[0]
"""HMAC key for equality look-ups (same phone, address, employer) on encrypted data."""
BALLOT_CLOSING_KEY, BALLOT_CLOSING_PUBLIC_KEY = closing_keys.read(PROCESS, VAR_DIR, is_demo=IS_DEMO)
"""X25519: the public half seals each panel's private key; the private half, which web processes never have (None),
opens it, and only the closing service reads it."""
SEAT_TOKEN_SECRET = b"" if PROCESS is timeouts.Process.WORKER else _keys("SEAT_TOKEN_SECRET")[0]
"""HMAC secret of the seat tokens, for the processes that take ballots and show seats; workers do neither."""
DRAW_CHAIN_SECRET = _keys("DRAW_CHAIN_SECRET")[0]
"""Seed of the pre-committed hash chain used as one entropy source of the draws."""
AUDIT_LOG_KEYS = _keys("AUDIT_LOG_KEYS")
"""Ed25519 seeds that sign the log's checkpoints, newest first; two of them while a new one takes over."""
AUDIT_LOG_ORIGIN = env.text("AUDIT_LOG_ORIGIN", "assize.example/log")
"""The name of the log: its public address without https://."""
AUDIT_CHECKPOINT_SECONDS = env.whole("AUDIT_CHECKPOINT_SECONDS", 5 if IS_DEMO else 60)
"""Checkpoints are signed at multiples of so many seconds, and not when something happens."""
AUDIT_LOG_MULTIPLE = env.whole("AUDIT_LOG_MULTIPLE", 1 if MODE == "test" else 64)
"""Before each checkpoint the log is filled up to a multiple of so many entries; tests, which count entries, have 1."""
if not 1 <= AUDIT_CHECKPOINT_SECONDS <= 3600 or not 1 <= AUDIT_LOG_MULTIPLE <= 4096:
    raise ImproperlyConfigured("AUDIT_CHECKPOINT_SECONDS is 1 to 3600, AUDIT_LOG_MULTIPLE 1 to 4096.")
AUDIT_WITNESSES = env.words("AUDIT_WITNESSES")
"""Who cosigns the log's checkpoints: `VERIFIER-KEY ADDRESS`, separated by commas."""
WITNESS_SILENCE_SECONDS = timeouts.WITNESS_SILENCE.seconds(PROCESS)
WITNESS_WHOLE_SECONDS = timeouts.WITNESS_WHOLE.seconds(PROCESS)

INSTALLED_APPS = [
    "pages.apps.PagesConfig",
    "members.apps.MembersConfig",
    "audit.apps.AuditConfig",
    "jury.apps.JuryConfig",
    "adjudication.apps.AdjudicationConfig",
    "allocation.apps.AllocationConfig",
    "config.apps.SiteConfig",
    "bench.apps.BenchConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_cotton.apps.SimpleAppConfig",
    "django_htmx",
    "django_fsm",
    "pgtrigger",
    "django_structlog",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
]

MIDDLEWARE = [
    "config.outages.Outages",
    "pages.moments.OneMoment",
    "audit.middleware.SameForEverybody",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "members.middleware.StaffSecondFactor",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "axes.middleware.AxesMiddleware",
    "pages.middleware.WithoutNul",
    "config.error_pages.RefusedActs",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["django_cotton.templatetags.cotton"],
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "config.context_processors.site",
            ],
        },
    }
]


# Set by the operator of the service, or by manage.py and the supervisor for the embedded servers (run/embedded).
# Commands that need no database (replay, draw, check) run without either.
DATABASE_URL = env.text("DATABASE_URL", "postgres://assize@127.0.0.1:1/assize" if IS_DEMO else None)
DATABASES = {"default": database(DATABASE_URL, PROCESS)}
DATABASE_OWNER_URL = env.text("DATABASE_OWNER_URL", "") or DATABASE_URL
"""The role that owns the tables: `migrate` and `grant_runtime_role` connect as it, everything else by DATABASE_URL."""
DATABASE_OWNER = None if DATABASE_OWNER_URL == DATABASE_URL else database(DATABASE_OWNER_URL, PROCESS)
if DATABASE_OWNER and DATABASE_OWNER["NAME"] != DATABASES["default"]["NAME"]:
    raise ImproperlyConfigured("DATABASE_OWNER_URL and DATABASE_URL must name the same database.")
DATABASES["default"]["TEST"] = {"NAME": env.text("TEST_DATABASE_NAME", "test_assize")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CELERY_BROKER_URL = env.text("CELERY_BROKER_URL", "redis://127.0.0.1:1/0" if IS_DEMO else None)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 600
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_TIMEOUT = timeouts.BROKER_CONNECT.seconds(PROCESS)
CELERY_BROKER_TRANSPORT_OPTIONS = timeouts.broker_options(PROCESS, urlparse(CELERY_BROKER_URL).scheme)
BROKER_REST_SECONDS = timeouts.BROKER_REST.seconds(PROCESS)
if urlparse(CELERY_BROKER_URL).scheme.startswith(("redis", "valkey")):
    # A killed worker's task comes back within seconds; longer than the longest task, or it would run twice.
    CELERY_BROKER_TRANSPORT_OPTIONS |= {
        "visibility_timeout": env.whole("BROKER_VISIBILITY_SECONDS", 900),
        "unacked_restore_interval": 2,
        "unacked_restore_throttle": 1,
    }

AUTH_USER_MODEL = "members.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "members.access.RoleBackend",
    "members.sessions.LogInBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
if MODE == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "front"
ACCOUNT_ADAPTER = "members.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none" if IS_DEMO else "mandatory"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = IS_DEMO
MFA_TOTP_ISSUER = "Assize"
STAFF_MFA_REQUIRED = env.flag("STAFF_MFA_REQUIRED", default=not IS_DEMO)
"""Staff who have no second factor are led to set one up before they see anything else."""
AXES_FAILURE_LIMIT = env.whole("LOGIN_FAILURE_LIMIT", 5)
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "members.accounts.axes_username"
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
MEDIA_ROOT = env.folder("ASSIZE_UPLOADS", VAR_DIR / "uploads")
"""Evidence files, outside every URL: read only through a view that asks who is reading."""
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if MODE == "test" or DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
PAYMENT_GATEWAY = env.text("PAYMENT_GATEWAY", "allocation.gateways.DemonstrationBank")
"""The class that speaks to the payment service; the demonstration bank keeps a book and moves no money."""
GATEWAY_TIMEOUT_S = timeouts.GATEWAY.seconds(PROCESS)
"""Within how many seconds its adapter must answer (allocation/gateways.py); a worker interrupts a longer call."""
if GATEWAY_TIMEOUT_S < 1:
    raise ImproperlyConfigured("GATEWAY_TIMEOUT_S must be at least 1 second.")
EVIDENCE_MAX_BYTES = env.whole("EVIDENCE_MAX_BYTES", 10 * 1024 * 1024)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_ENGINE = "members.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 3600
CSRF_COOKIE_HTTPONLY = True
if not IS_DEMO:
    SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = ["^healthz$"]
    SECURE_HSTS_SECONDS = env.whole("SECURE_HSTS_SECONDS", 31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    if env.flag("BEHIND_PROXY", default=False):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

EMAIL_BACKEND = env.text(
    "EMAIL_BACKEND",
    "django.core.mail.backends.locmem.EmailBackend"
    if MODE == "test"
    else "pages.mail.EmailBackend"
    if IS_DEMO
    else "django.core.mail.backends.smtp.EmailBackend",
)
EMAIL_FILE_PATH = VAR_DIR / "mail"
TEXT_FILE_PATH = VAR_DIR / "texts"
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.whole("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_TIMEOUT = timeouts.MAIL.seconds(PROCESS) or None
EMAIL_END_TIMEOUT = timeouts.MAIL_END.seconds(PROCESS) or None
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=False)
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "assize@localhost")
SITE_NAME = " ".join(env.text("SITE_NAME", "Assize").split())
SITE_URL = addresses.site_url(ALLOWED_HOSTS, is_demo=IS_DEMO)
MAIL_DOMAIN = addresses.mail_domain(DEFAULT_FROM_EMAIL)
BOUNCE_PATH = env.text("BOUNCE_PATH", "")
"""The Maildir, mbox or folder in which the mail server puts what comes back; the workers read it every minute."""
MAIL_CHANNEL = env.text("MAIL_CHANNEL", "members.channels.mail.MailAdapter")
TEXT_CHANNEL = env.text(
    "TEXT_CHANNEL", "members.channels.text_files.TextFilesAdapter" if IS_DEMO or MODE == "test" else ""
)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "config.api.CursorByNewest",
    "PAGE_SIZE": 50,
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "pages.parsers.TextParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "anon": env.text("API_RATE_ANONYMOUS", "120/min"),
        "user": env.text("API_RATE_USER", "600/min"),
        "uploads": env.text("API_RATE_UPLOADS", "60/min"),
    },
    "EXCEPTION_HANDLER": "config.api.explain",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Assize",
    "DESCRIPTION": "Claims adjudication with a jury, for mutual-aid plans.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "config.api.say_unavailable"],
    "ENUM_NAME_OVERRIDES": ENUM_NAMES,
}

CACHES: dict[str, dict[str, Any]] = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
if env.text("CACHE_URL", ""):
    CACHES["default"] = timeouts.cache(PROCESS, env.text("CACHE_URL"))

MESSAGE_TAGS: dict[int, str] = {}
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False  # config/logs.py would drop it
PLAN_FILES = BASE_DIR / "members" / "plan_files"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "config.logs.formatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO" if MODE != "test" else "WARNING")},
}
PRODUCT_NAME = _("Assize")
SILENCED_SYSTEM_CHECKS: list[str] = []
