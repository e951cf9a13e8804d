"""SNOMED CT codes as hospitals' systems send them, and the ICD-10 code and severity that they stand for.

The table holds every code of the synthetic records that the service is shown with; a hospital's own codes are added
here. A SNOMED code does not say how severe an illness is in a plan's words: the severity is where a claim starts, and
the investigation establishes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from members.rules.plan_types import Text


@dataclass(frozen=True, slots=True)
class SnomedCode:
    """What a SNOMED CT code stands for: an ICD-10 code, or none and the reason."""

    code: str
    display: str
    icd10: str | None
    severity: str | None
    """`mild` or `severe` where plans pay by it; None where no plan known here covers the condition."""
    reason: Text | None = None

    @property
    def is_injury(self) -> bool:
        """Whether ICD-10 files it under injuries: the illness came from an accident."""
        return self.icd10 is not None and self.icd10[0] in "ST"


_HISTORY = Text("a past event, told as history: no illness of this day", "既往史记录，并非当日疾病")
_MEASUREMENT = Text("a measurement, no diagnosis", "测量结果，并非诊断")
_ENCOUNTER = Text("a visit or an admission, no diagnosis", "就诊或住院记录，并非诊断")
_PROCEDURE = Text("an examination or a treatment, no diagnosis", "检查或治疗项目，并非诊断")

_DIAGNOSES: dict[str, tuple[str, str, str | None]] = {
    "109838007": ("Overlapping malignant neoplasm of colon", "C18.8", "severe"),
    "93761005": ("Primary malignant neoplasm of colon", "C18.9", "severe"),
    "92691004": ("Carcinoma in situ of prostate", "D07.5", "mild"),
    # The name leaves open whether it is malignant; D40.0 is the code for that. C61 needs the word.
    "126906006": ("Neoplasm of prostate", "D40.0", None),
    "271737000": ("Anemia", "D64.9", None),
    "83664006": ("Idiopathic atrophic hypothyroidism", "E03.4", None),
    "5602001": ("Opioid abuse", "F11.1", None),
    "230265002": ("Familial Alzheimer's disease of early onset", "G30.0", "severe"),
    "26929004": ("Alzheimer's disease", "G30.9", "severe"),
    "84757009": ("Epilepsy", "G40.9", None),
    "128613002": ("Seizure disorder", "G40.9", None),
    "65363002": ("Otitis media", "H66.9", None),
    "38341003": ("Hypertension", "I10", None),
    "22298006": ("Myocardial Infarction", "I21.9", "severe"),
    # Narrowed arteries without an operation, which no plan known here covers.
    "53741008": ("Coronary Heart Disease", "I25.1", None),
    "410429000": ("Cardiac Arrest", "I46.9", None),
    "49436004": ("Atrial Fibrillation", "I48.9", None),
    "88805009": ("Chronic congestive heart failure", "I50.0", None),
    "230690007": ("Stroke", "I64", "severe"),
    "75498004": ("Acute bacterial sinusitis", "J01.9", None),
    "444814009": ("Viral sinusitis", "J01.9", None),
    "43878008": ("Streptococcal sore throat", "J02.0", None),
    "195662009": ("Acute viral pharyngitis", "J02.8", None),
    "10509002": ("Acute bronchitis", "J20.9", None),
    "232353008": ("Perennial allergic rhinitis with seasonal variation", "J30.3", None),
    "36971009": ("Sinusitis", "J32.9", None),
    "40055000": ("Chronic sinusitis", "J32.9", None),
    "185086009": ("Chronic obstructive bronchitis", "J44.8", None),
    # Ruptured, and so at least a localised peritonitis.
    "47693006": ("Rupture of appendix", "K35.3", None),
    "74400008": ("Appendicitis", "K37", None),
    "713197008": ("Recurrent rectal polyp", "K62.1", None),
    "68496003": ("Polyp of colon", "K63.5", None),
    "239872002": ("Osteoarthritis of hip", "M16.9", None),
    "239873007": ("Osteoarthritis of knee", "M17.9", None),
    "443165006": ("Pathological fracture due to osteoporosis", "M80.9", None),
    "64859006": ("Osteoporosis", "M81.9", None),
    "19169002": ("Miscarriage in first trimester", "O03.9", None),
    "15777000": ("Prediabetes", "R73.0", None),
    # Concussion, which the plans leave out of severe brain injury.
    "62106007": ("Concussion with no loss of consciousness", "S06.0", None),
    "127295002": ("Traumatic brain injury", "S06.9", "severe"),
    "33737001": ("Fracture of rib", "S22.3", None),
    "58150001": ("Fracture of clavicle", "S42.0", None),
    "283371005": ("Laceration of forearm", "S51.9", None),
    "65966004": ("Fracture of forearm", "S52.9", None),
    "284549007": ("Laceration of hand", "S61.9", None),
    "263102004": ("Fracture subluxation of wrist", "S62.8", None),
    "70704007": ("Sprain of wrist", "S63.5", None),
    "283385000": ("Laceration of thigh", "S71.1", None),
    "30832001": ("Rupture of patellar tendon", "S76.1", None),
    "16114001": ("Fracture of ankle", "S82.8", None),
    "284551006": ("Laceration of foot", "S91.3", None),
    "44465007": ("Sprain of ankle", "S93.4", None),
    "262574004": ("Bullet wound", "T14.1", None),
    # First and second degree; plans cover the third.
    "403190006": ("First degree burn", "T30.1", None),
    "403191005": ("Second degree burn", "T30.2", None),
}
_NO_DIAGNOSES: dict[str, tuple[str, Text]] = {
    "399211009": ("History of myocardial infarction", _HISTORY),
    "428251008": ("History of appendectomy", _HISTORY),
    "429007001": ("History of cardiac arrest", _HISTORY),
    "703151001": ("History of single seizure", _HISTORY),
    "162864005": ("Body mass index 30+ - obesity", _MEASUREMENT),
    "408512008": ("Body mass index 40+ - severely obese", _MEASUREMENT),
    "50849002": ("Emergency room admission", _ENCOUNTER),
    "79094001": ("Initial Psychiatric Interview with mental status evaluation", _ENCOUNTER),
    "162676008": ("Brief general examination", _ENCOUNTER),
    "183452005": ("Encounter Inpatient", _ENCOUNTER),
    "183478001": ("Emergency hospital admission for asthma", _ENCOUNTER),
    "183495009": ("Non-urgent orthopedic admission", _ENCOUNTER),
    "185345009": ("Encounter for symptom", _ENCOUNTER),
    "185347001": ("Encounter for problem", _ENCOUNTER),
    "185349003": ("Encounter for check up", _ENCOUNTER),
    "210098006": ("Domiciliary or rest home patient evaluation and management", _ENCOUNTER),
    "305408004": ("Admission to surgical department", _ENCOUNTER),
    "305428000": ("Admission to orthopedic department", _ENCOUNTER),
    "305433001": ("Admission to trauma surgery department", _ENCOUNTER),
    "308335008": ("Patient encounter procedure", _ENCOUNTER),
    "308540004": ("Inpatient stay", _ENCOUNTER),
    "308646001": ("Death Certification", _ENCOUNTER),
    "316744009": ("Office Visit", _ENCOUNTER),
    "371883000": ("Outpatient procedure", _ENCOUNTER),
    "394701000": ("Asthma follow-up", _ENCOUNTER),
    "424441002": ("Prenatal initial visit", _ENCOUNTER),
    "698314001": ("Consultation for treatment", _ENCOUNTER),
    "1225002": ("Upper arm X-ray", _PROCEDURE),
    "34552-0": ("trans thoracic echocardiogram", _PROCEDURE),
    "14768001": ("Peripheral blood smear interpretation", _PROCEDURE),
    "18286008": ("Catheter ablation of tissue of heart", _PROCEDURE),
    "19490002": ("Ankle X-ray", _PROCEDURE),
    "23426006": ("Measurement of respiratory function", _PROCEDURE),
    "43075005": ("Partial resection of colon", _PROCEDURE),
    "46706006": ("Replacement of contraceptive intrauterine device", _PROCEDURE),
    "60027007": ("X-ray or wrist", _PROCEDURE),
    "68254000": ("Removal of intrauterine device", _PROCEDURE),
    "73761001": ("Colonoscopy", _PROCEDURE),
    "74016001": ("Knee X-ray", _PROCEDURE),
    "76164006": ("Biopsy of colon", _PROCEDURE),
    "112790001": ("Nasal sinus endoscopy", _PROCEDURE),
    "117015009": ("Throat culture", _PROCEDURE),
    "127783003": ("Spirometry", _PROCEDURE),
    "168594001": ("Clavicle X-ray", _PROCEDURE),
    "180325003": ("Electrical cardioversion", _PROCEDURE),
    "232717009": ("Coronary artery bypass grafting", _PROCEDURE),
    "269911007": ("Sputum examination", _PROCEDURE),
    "274031008": ("Rectal polypectomy", _PROCEDURE),
    "274474001": ("Bone immobilization", _PROCEDURE),
    "287664005": ("Bilateral tubal ligation", _PROCEDURE),
    "288086009": ("Suture open wound", _PROCEDURE),
    "311791003": ("Information gathering", _PROCEDURE),
    "312681000": ("Bone density scan", _PROCEDURE),
    "384700001": ("Injection of tetanus antitoxin", _PROCEDURE),
    "399208008": ("Plain chest X-ray", _PROCEDURE),
    "415070008": ("Percutaneous coronary intervention", _PROCEDURE),
    "415300000": ("Review of systems", _PROCEDURE),
    "430193006": ("Medication Reconciliation", _PROCEDURE),
    "433112001": ("Percutaneous mechanical thrombectomy of portal vein using fluoroscopic guidance", _PROCEDURE),
    "433236007": ("Transthoracic echocardiography", _PROCEDURE),
    "699253003": ("Surgical manipulation of joint of knee", _PROCEDURE),
    "428191000124101": ("Documentation of current medications", _PROCEDURE),
    "1015401000000102": ("Fecal occult blood test", _PROCEDURE),
}

SNOMED: Mapping[str, SnomedCode] = MappingProxyType(
    {code: SnomedCode(code, *row) for code, row in _DIAGNOSES.items()}
    | {code: SnomedCode(code, display, None, None, reason) for code, (display, reason) in _NO_DIAGNOSES.items()}
)


def look_up(code: str) -> SnomedCode | None:
    """What a SNOMED CT code stands for; None for a code that is not in the table."""
    return SNOMED.get(code.strip())
