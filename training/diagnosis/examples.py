"""The vignettes that the page shows, and what each says. Their combinations of findings are held out from training."""

from .table import FEMALE, MALE, UNSAID

# (topic, title, text, age, sex, findings, weeks of gestation). The first four are those of the paper.
PAPER = [
    ("Pregnancy", "Pain under the ribs at 30 weeks",
     "A 32-year-old female at 30 weeks gestation presents with severe right upper quadrant pain, mild headache, and "
     "nausea. BP is 162/98 mmHg, and labs show mildly elevated liver enzymes.",
     32, FEMALE, "ruq headache nausea high_bp liver", 30),
    ("Heart and lungs", "Breathless, with swollen ankles",
     "A 45-year-old man presents with fatigue, breathlessness and swollen ankles.",
     45, MALE, "fatigue breathlessness ankles", 0),
    ("Nervous system", "Headache, fever and a stiff neck",
     "A 24-year-old presents with headache, fever and a stiff neck.", 24, UNSAID, "headache fever stiff_neck", 0),
    ("Nervous system", "A sudden headache",
     "A 35-year-old presents with a sudden headache at the back of the head.", 35, UNSAID, "occipital", 0),
]
OTHERS = [
    ("Heart and lungs", "Pressure on the chest",
     "A 61-year-old man presents with heavy pressure on the chest, cold sweat and nausea. He has no wheezing.",
     61, MALE, "crushing sweating nausea", 0),
    ("Heart and lungs", "Short of breath after a flight",
     "A 38-year-old woman with a history of a recent long flight presents with shortness of breath and sharp chest "
     "pain on breathing in. Oxygen saturation is 89 percent.",
     38, FEMALE, "breathlessness pleuritic low_oxygen", 0),
    ("Heart and lungs", "A racing heart",
     "A 72-year-old woman presents with a racing heart and dizziness. Pulse is 128.",
     72, FEMALE, "palpitations dizziness fast", 0),
    ("Abdomen", "Pain under the right ribs",
     "A 44-year-old woman presents with right upper quadrant pain, nausea and vomiting.",
     44, FEMALE, "ruq nausea vomiting", 0),
    ("Abdomen", "Pain in the lower right",
     "A 19-year-old man presents with pain in the lower right abdomen, poor appetite and fever of 38.2 C. Labs show a "
     "high white cell count.",
     19, MALE, "rlq appetite fever white", 0),
    ("Abdomen", "Pain from flank to groin",
     "A 41-year-old man presents with severe flank pain, nausea and inability to lie still.",
     41, MALE, "flank nausea restlessness", 0),
    ("Abdomen", "Yellow eyes",
     "A 57-year-old man with a history of heavy drinking presents with yellow eyes, fluid in the abdomen and tiredness.",
     57, MALE, "jaundice ascites fatigue", 0),
    ("Nervous system", "Trouble with light and noise",
     "A 29-year-old woman presents with nausea, sensitivity to light and sensitivity to noise.",
     29, FEMALE, "nausea photophobia phonophobia", 0),
    ("Nervous system", "A weak arm",
     "A 76-year-old man with a history of hypertension presents with sudden arm weakness and loss of balance.",
     76, MALE, "arm_weakness unsteady", 0),
    ("Nervous system", "Jaw pain on chewing",
     "A 74-year-old woman presents with headache, jaw pain on chewing and fatigue. Labs show a high ESR.",
     74, FEMALE, "headache jaw fatigue esr", 0),
    ("Infection", "Fever after the tropics",
     "A 33-year-old man with a history of travel to the tropics presents with shaking chills, headache and aching "
     "muscles. Labs show low platelets.",
     33, MALE, "chills headache muscle platelets", 0),
    ("Infection", "A sore throat that lasts",
     "A 20-year-old woman presents with a sore throat, enlarged neck glands and tiredness.",
     20, FEMALE, "throat nodes fatigue", 0),
    ("Infection", "Weight loss and a cough",
     "A 36-year-old man presents with a productive cough, weight loss and tiredness.",
     36, MALE, "wet_cough weight_loss fatigue", 0),
    ("Pregnancy", "Pelvic pain at 7 weeks",
     "A 27-year-old woman at 7 weeks gestation presents with pelvic pain on one side and dizziness.",
     27, FEMALE, "pelvic dizziness", 7),
    ("Pregnancy", "Itching at 34 weeks",
     "A 31-year-old woman at 34 weeks gestation presents with itching of the palms and soles and fatigue. Labs show "
     "an ALT of 98.",
     31, FEMALE, "itching fatigue liver", 34),
    ("Glands", "Thinner and restless",
     "A 39-year-old woman presents with weight loss, a fine tremor and palpitations.",
     39, FEMALE, "weight_loss tremor palpitations", 0),
    ("Glands", "Cold and tired",
     "A 52-year-old woman presents with increasing fatigue, weight gain and constipation.",
     52, FEMALE, "fatigue weight_gain constipation", 0),
    ("Glands", "Thirst and vomiting",
     "A 22-year-old man presents with great thirst, vomiting and confusion.",
     22, MALE, "thirst vomiting confusion", 0),
    ("Kidneys, blood and joints", "A puffy face",
     "A 26-year-old man presents with puffy eyelids, swollen ankles and fatigue.",
     26, MALE, "puffy ankles fatigue", 0),
    ("Kidneys, blood and joints", "Stiff, sore hands",
     "A 48-year-old woman presents with joint pain, swollen knuckles and tiredness.",
     48, FEMALE, "joint_pain knuckles fatigue", 0),
]
# What the texts say besides: keys of histories and of absent findings, by title.
HISTORY = {"Short of breath after a flight": "flight", "Yellow eyes": "alcohol", "A weak arm": "hypertension",
           "Fever after the tropics": "travel"}
ABSENT = {"Pressure on the chest": "wheezing"}
COMBINATIONS = frozenset(frozenset(e[5].split()) for e in PAPER + OTHERS if len(e[5].split()) > 1)
