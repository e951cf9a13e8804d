"""How the service is started: the supervisor, embedded servers, compiled messages. It knows no room."""
