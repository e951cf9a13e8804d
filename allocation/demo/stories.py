"""The illnesses of the invented members, and the findings of the invented investigator."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class StoryFact:
    """One fact that the investigator finds: a value, or for a day how many days it lies before the first diagnosis."""

    fact: str
    duty: str
    note: str
    jury_note: str
    value: str = ""
    days_before: int | None = None


@dataclass(frozen=True)
class Story:
    """One illness: what the member says, what the paper says, and what each of the five duties found."""

    icd10: str
    severity: str
    hospital: str
    account: str
    paper: str
    findings: dict[str, tuple[str, str]]
    summary: str
    facts: tuple[StoryFact, ...] = ()
    is_for_jury: bool = False
    """Whether the member lets the jury read what happened."""


DETAILS = {
    "interview": {
        "who": "The member, with their spouse",
        "place": "At their home",
        "time": "14:30 to 15:10",
        "statement": "I remember the day well, because my daughter drove me to the hospital.",
    },
    "treating_hospitals": {
        "visits": "The archive and the ward; spoke with the head of the archive.",
        "obtained": "Admission, pathology, operation and discharge.",
    },
    "other_hospitals": {"visits": "Four hospitals of the region, by letter and by telephone."},
    "commercial_insurance": {"query": "The register of insurers, for five years.", "answer": "No entry."},
    "social_insurance": {
        "query": "The office of the district.",
        "reimbursements": "The first one is of the day of first diagnosis.",
    },
}
"""What each duty writes down, the same in every story."""


def _findings(treating: tuple[str, str], interview: str) -> dict[str, tuple[str, str]]:
    """By duty: the result and the finding. Two duties find nothing in every story."""
    return {
        "interview": ("confirms", interview),
        "treating_hospitals": treating,
        "other_hospitals": ("nothing_found", "Four other hospitals of the region hold no record of the member."),
        "commercial_insurance": ("nothing_found", "No claim with a commercial insurer in the last five years."),
        "social_insurance": ("confirms", "Reimbursed treatment begins on the day of first diagnosis."),
    }


BREAST = Story(
    icd10="C50.9",
    severity="severe",
    hospital="Qinghe People's Hospital",
    account="A lump was found at a check-up that my employer paid for. The biopsy came back a week later.",
    paper="Pathology report: invasive carcinoma of the breast, grade 2, hormone receptors positive.",
    findings=_findings(
        ("confirms", "Pathology, imaging and operation notes agree with each other and with the claim."),
        "The member describes the check-up, the biopsy and the operation; dates match the records.",
    ),
    summary="All records agree on the illness and on the day of its first diagnosis. Nothing earlier was found.",
)
THYROID = Story(
    icd10="C73",
    severity="severe",
    hospital="Lanxi Central Hospital",
    account="My voice was hoarse for weeks. The scan showed a tumour that had grown into the windpipe.",
    paper="Pathology report: papillary carcinoma of the thyroid, extending into the trachea, T4a.",
    findings=_findings(
        ("confirms", "The stage T4a is proved by imaging and by the surgeon's notes."),
        "The member shows the scar and describes the weeks before the scan.",
    ),
    summary="The tumour and its stage are proved. It was first seen on the day that the claim gives.",
    facts=(
        StoryFact("symptom_on", "interview", "Her own words.", "Hoarse since that day.", days_before=41),
        StoryFact("visit_on", "treating_hospitals", "Admission book, page 118.", "First visit.", days_before=6),
        StoryFact("pathology_on", "treating_hospitals", "Pathology, page 2.", "Pathology came in.", days_before=0),
    ),
    is_for_jury=True,
)
LATE = StoryFact(
    "suspected_on",
    "social_insurance",
    "A reimbursement that the office sent after the report.",
    "A scan was paid for on that day, because of the hoarse voice.",
    days_before=19,
)
"""What comes in about the thyroid while the jury votes."""
ADDENDUM = "The social insurance office sent one more reimbursement: a scan, nineteen days before the diagnosis."
ADDENDUM_PAPER = "Reimbursement slip: ultrasound scan of the neck, paid in full. Name and insurance number blacked out."
HEART = Story(
    icd10="I21.0",
    severity="severe",
    hospital="Dongling General Hospital",
    account="Sudden pain in the chest at work. The ambulance took me in, and a stent was placed the same night.",
    paper="Discharge note: acute anterior myocardial infarction; ECG changes, troponin raised; one stent.",
    findings=_findings(
        ("confirms", "Emergency record, ECG and laboratory values are complete and agree."),
        "The member and two colleagues describe the same evening.",
    ),
    summary="An acute infarction treated as an emergency; ECG and troponin are on file.",
)
EARLY_BREAST = replace(
    BREAST,
    account="A lump was found at a check-up. Dr. Sun of Qinghe People's Hospital took it out; I was home in two days.",
    paper="Pathology report: ductal carcinoma of the breast, stage I; removed whole, no lymph node affected.",
    facts=(
        StoryFact(
            "severity",
            "treating_hospitals",
            "Pathology report, page 1: stage I.",
            "The papers show the milder form of the plan's definition.",
            value="mild",
        ),
        StoryFact("visit_on", "treating_hospitals", "Admission book, page 40.", "First visit.", days_before=2),
        StoryFact("suspected_on", "interview", "Letter of the family doctor.", "First suspected.", days_before=2),
        StoryFact("cause", "interview", "Nobody speaks of an accident.", "No accident.", value="illness"),
    ),
    is_for_jury=True,
)
KIDNEY = Story(
    icd10="N18.5",
    severity="severe",
    hospital="Westmere Hospital",
    account="My kidneys have been failing for some time and I am on dialysis three times a week now.",
    paper="Nephrology letter: chronic kidney disease stage 5, dialysis started five weeks ago.",
    findings=_findings(
        ("contradicts", "Dialysis has lasted five weeks; the plan's definition asks for at least ninety days."),
        "The member confirms that dialysis began five weeks ago.",
    ),
    summary="The illness is real, but the ninety days of dialysis that the definition asks for have not passed.",
)
STROKE = Story(
    icd10="I63.9",
    severity="severe",
    hospital="Beihu Hospital",
    account="One morning I could not move my right arm. It is better now, but my hand is still weak.",
    paper="Neurology report: infarction in the left hemisphere; weakness of the right hand at discharge.",
    findings=_findings(
        ("confirms", "Imaging proves the infarction; the neurologist notes a lasting weakness of the hand."),
        "The member can hold a cup but not a pen; the weakness has lasted since the event.",
    ),
    summary="The stroke is proved. Whether the weakness is lasting loss in the plan's sense is a medical question.",
)
COLON = Story(
    icd10="C18.7",
    severity="severe",
    hospital="Newbridge Hospital",
    account="Blood in the stool, then a colonoscopy. Part of the bowel was removed two weeks later.",
    paper="Pathology report: adenocarcinoma of the sigmoid colon, pT3 pN1.",
    findings=_findings(
        ("confirms", "Colonoscopy, pathology and operation notes are complete."),
        "The member describes the first signs, which lie after the waiting period.",
    ),
    summary="Diagnosis and stage are proved by pathology; the first signs lie well after the waiting period.",
)
LEUKAEMIA = Story(
    icd10="C91.0",
    severity="severe",
    hospital="Qinghe Children's Hospital",
    account="Fever that would not go away, and bruises. The blood test was done the same day.",
    paper="Haematology report: acute lymphoblastic leukaemia, bone marrow 85 % blasts.",
    findings=_findings(
        ("confirms", "Bone marrow report and treatment plan are complete and agree with the claim."),
        "The parent describes the days before the blood test; the dates match.",
    ),
    summary="The illness is proved by the bone marrow report; treatment began within days.",
)
STOMACH = Story(
    icd10="C16.9",
    severity="severe",
    hospital="Lanxi Central Hospital",
    account="I had no appetite for weeks. My doctor sent me to a gastroscopy, and the biopsy showed a tumour.",
    paper="Pathology report: adenocarcinoma of the stomach, intestinal type, pT2 pN0.",
    findings=_findings(
        ("contradicts", "The illness is proved; the biopsy was taken inside the waiting period."),
        "The member knows the day of the biopsy and of joining, and disputes neither.",
    ),
    summary="The illness is proved. Its first diagnosis lies inside the waiting period, and it came from no accident.",
)
WRIST = Story(
    icd10="S52.5",
    severity="severe",
    hospital="St Gertrude's Hospital",
    account="I slipped on the stairs of the workshop. My wrist was in plaster, and I could not hold a plane.",
    paper="X-ray report: fracture of the distal radius, not displaced; plaster for four weeks.",
    findings=_findings(
        ("contradicts", "The X-ray shows the fracture; the certificate of unfitness for work covers twelve days."),
        "The member says that they could do light work after twelve days, and no more than that for weeks.",
    ),
    summary="The fracture is proved. The plan asks for three weeks off work, and the certificate covers twelve days.",
)
