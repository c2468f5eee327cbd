//! Answers of sums and diagnoses, as prompts one at a time give them; with mean patterns and a twin's.

use super::asked::{
    EVERYWHERE, HERE, TEMPLATE, addition, diagnosis, find, folder, measured, plain_sum,
};
use super::plain::{Plain, close, percent};
use crate::common::reference::{self, Reference};
use crate::common::scratch::Scratch;
use crate::common::statistics::largest;
use attograph::evaluate::Goal;
use serde_json::json;

#[test]
fn answers_are_counted_as_prompts_one_at_a_time_show() {
    let scratch = Scratch::new("evaluate-answers");
    let folder = folder(&scratch, &addition());
    let measures = measured(&folder, 1);
    for (transcoder, kind) in [("transcoder", "cross-layer"), ("per-layer", "per-layer")] {
        let plain = Plain::new(&folder, transcoder);
        let count = |pairs: &[(usize, usize)]| {
            let (mut right, mut agree) = (0, 0);
            for (a, b) in pairs {
                let (text, answer) = plain_sum(*a, *b);
                let ids = plain.ids(&text);
                let top = plain.top(&ids);
                right += usize::from(top == answer);
                agree += usize::from(top == largest(&reference::replaced(plain.model(), &ids)));
            }
            (right, agree)
        };
        let all: Vec<(usize, usize)> = (0..100)
            .flat_map(|a| (0..100).map(move |b| (a, b)))
            .collect();
        let out = |pair: &(usize, usize)| EVERYWHERE.contains(pair) || HERE.contains(pair);
        let trained: Vec<(usize, usize)> = all.into_iter().filter(|pair| !out(pair)).collect();
        let (right, agree) = count(&EVERYWHERE);
        let (right_here, agree_here) = count(&HERE);

        let measure = find(&measures, "right/calc/trained", None);
        assert_eq!(
            (measure.of, measure.target),
            (Some(9993), Some(Goal::AtLeast(100.0)))
        );
        let counted = trained.iter().filter(|(a, b)| {
            let (text, answer) = plain_sum(*a, *b);
            plain.top(&plain.ids(&text)) == answer
        });
        close(
            "trained",
            measure.value,
            percent(counted.count(), 9993),
            1e-3,
        );
        let measure = find(&measures, "right/calc/held-out", None);
        assert_eq!(measure.target, Some(Goal::AtLeast(99.9)));
        assert_eq!((measure.value, measure.of), (percent(right, 5), Some(5)));
        let measure = find(&measures, "right/calc/held-out-here", None);
        assert_eq!(
            (measure.value, measure.of),
            (percent(right_here, 2), Some(2))
        );
        let measure = find(&measures, "replaced/calc/held-out", Some(kind));
        assert_eq!(measure.value, percent(agree + agree_here, 7));
        assert_eq!(measure.of, Some(7));
        let measure = find(&measures, "right/other/held-out", None);
        assert_eq!(
            (measure.of, measure.target),
            (Some(10), Some(Goal::AtLeast(99.5)))
        );
    }
    // The second transcoder is an opinion, and held to nothing.
    for measure in &measures {
        assert!(measure.transcoder != Some("per-layer") || measure.target.is_none());
        assert_eq!(measure.how, "the command");
        assert!(measure.value.is_finite(), "{measure:?}");
    }
}

/// The random model says one thing most often with mean patterns: that is asked for.
#[test]
fn sums_are_asked_with_mean_patterns() {
    let scratch = Scratch::new("evaluate-still");
    let mut asked = addition();
    asked["contexts"].as_array_mut().unwrap().truncate(1);
    let pairs: Vec<(usize, usize)> = (0..60).map(|i| (i * 7 % 100, i * 37 % 100)).collect();
    asked["held_out"] = json!({"everywhere": pairs});
    let folder = folder(&scratch, &asked);
    let plain = Plain::new(&folder, "transcoder");
    let prompts: Vec<Vec<u32>> = pairs
        .iter()
        .map(|(a, b)| plain.ids(&plain_sum(*a, *b).0))
        .collect();
    let runs = prompts
        .iter()
        .map(|ids| Reference::new(plain.model(), ids).patterns);
    let mut mean = Vec::new();
    for (i, mut patterns) in runs.enumerate() {
        let weights = patterns.iter_mut().flatten().flatten().flatten();
        let weights: Vec<&mut f64> = weights.collect();
        if i == 0 {
            mean = weights.iter().map(|_| 0.0).collect();
        }
        for (mean, weight) in mean.iter_mut().zip(weights) {
            *mean += *weight / prompts.len() as f64;
        }
    }
    let mut patterns = Reference::new(plain.model(), &prompts[0]).patterns;
    let weights = patterns.iter_mut().flatten().flatten().flatten();
    for (weight, mean) in weights.zip(mean) {
        *weight = mean;
    }
    let tops: Vec<usize> = prompts
        .iter()
        .map(|ids| largest(&reference::with_patterns(plain.model(), ids, &patterns)))
        .collect();
    let count = |tops: &[usize], token: usize| tops.iter().filter(|top| **top == token).count();
    let most = (0..40).max_by_key(|token| count(&tops, *token)).unwrap();
    let own: Vec<usize> = prompts.iter().map(|ids| plain.top(ids)).collect();
    assert_ne!(count(&tops, most), count(&own, most), "patterns matter");

    let token = plain.model().vocabulary.token(most as u32);
    asked["contexts"][0]["templates"] = json!([format!("{TEMPLATE} {}", token.trim())]);
    std::fs::write(folder.join("evaluation.json"), asked.to_string()).unwrap();
    let measures = measured(&folder, 1);
    let measure = find(&measures, "still/calc", None);
    let expected = percent(count(&tops, most), pairs.len());
    assert_eq!((measure.value, measure.of), (expected, Some(pairs.len())));
    assert_eq!(measure.target, Some(Goal::AtLeast(99.0)));

    // A single sum's mean pattern is its own.
    asked["held_out"] = json!({"everywhere": [[36, 59]]});
    std::fs::write(folder.join("evaluation.json"), asked.to_string()).unwrap();
    let measures = measured(&folder, 1);
    let right = find(&measures, "right/calc/held-out", None).value;
    assert_eq!(find(&measures, "still/calc", None).value, right);
}

#[test]
fn vignettes_are_asked_with_the_patterns_of_a_twin() {
    let scratch = Scratch::new("evaluate-twins");
    let mut asked = diagnosis();
    // Twins differ in the last word of a vignette, and this question adds none to it.
    asked["questions"][0]["text"] = json!("");
    for (i, vignette) in asked["vignettes"]
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .enumerate()
    {
        // Every third has none.
        if i % 3 > 0 {
            vignette["twin"] = json!(format!("t{} t{} t{}", i % 4, 4 + i % 7, 15 + i % 17));
        }
    }
    let folder = folder(&scratch, &asked);
    let measures = measured(&folder, 1);
    let plain = Plain::new(&folder, "transcoder");
    let vignettes = asked["vignettes"].as_array().unwrap();
    for (question, text) in [("ask", ""), ("diagnosis", " t33 t34")] {
        let [mut of, mut stay, mut differ, mut change] = [0; 4];
        for vignette in vignettes.iter().filter(|one| !one["twin"].is_null()) {
            let text = vignette["texts"][question].as_str().unwrap_or(text);
            let [here, twin] = ["text", "twin"]
                .map(|field| plain.ids(&format!("{}{text}", vignette[field].as_str().unwrap())));
            let patterns = |ids: &[u32]| Reference::new(plain.model(), ids).patterns;
            let top = |ids: &[u32], of: &[u32]| {
                largest(&reference::with_patterns(plain.model(), ids, &patterns(of)))
            };
            of += 1;
            stay += usize::from(top(&here, &twin) == plain.top(&here));
            if plain.top(&here) != plain.top(&twin) {
                differ += 1;
                change += usize::from(top(&twin, &here) == plain.top(&twin));
            }
        }
        let measure = find(&measures, &format!("twins/{question}/stays"), None);
        assert_eq!((measure.value, measure.of), (percent(stay, of), Some(16)));
        assert_eq!(measure.target, Some(Goal::AtLeast(95.0)));
        let id = format!("twins/{question}/changes");
        assert!(differ > 0 || question != "ask");
        // A share of nothing is no measure.
        if differ > 0 {
            let measure = find(&measures, &id, None);
            assert_eq!(
                (measure.value, measure.of),
                (percent(change, differ), Some(differ))
            );
        }
    }
}

#[test]
fn a_diagnosis_is_measured_by_its_questions() {
    let scratch = Scratch::new("evaluate-diagnosis");
    let asked = diagnosis();
    let folder = folder(&scratch, &asked);
    let measures = measured(&folder, 2);
    let plain = Plain::new(&folder, "transcoder");
    let vignettes = asked["vignettes"].as_array().unwrap();
    for (question, text) in [("ask", " t32"), ("diagnosis", " t33 t34")] {
        let (mut right, mut of) = (0, 0);
        for vignette in vignettes {
            let chances = &vignette["chances"][question];
            let lead = chances[0][1].as_f64().unwrap() - chances[1][1].as_f64().unwrap();
            if lead < 0.1 {
                continue;
            }
            let text = vignette["texts"][question].as_str().unwrap_or(text);
            let ids = plain.ids(&format!("{}{text}", vignette["text"].as_str().unwrap()));
            let best = plain.ids(chances[0][0].as_str().unwrap())[1];
            of += 1;
            right += usize::from(plain.top(&ids) == best as usize);
        }
        let measure = find(&measures, &format!("right/{question}/held-out"), None);
        assert_eq!((measure.value, measure.of), (percent(right, of), Some(of)));
        assert_eq!(measure.target, Some(Goal::AtLeast(97.0)));
        let id = format!("conditions/{question}");
        assert_eq!(find(&measures, &id, Some("cross-layer")).of, Some(3));
    }
    assert_eq!(find(&measures, "right/ask/held-out", None).of, Some(24));
    assert_eq!(
        find(&measures, "right/diagnosis/held-out", None).of,
        Some(12)
    );
    find(&measures, "conditions/both", Some("per-layer"));
    assert!(
        measures
            .iter()
            .all(|measure| measure.measure != "explanations")
    );
}
