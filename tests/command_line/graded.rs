//! What `grade` prints and writes.

use super::record::{array, number, written};
use crate::common::calls::{PROMPT, addition, call, complaint};
use crate::common::scratch::Scratch;

#[test]
fn a_grade_is_printed_and_written() {
    let scratch = Scratch::new("grade");
    let (text, grade) = written(&scratch, "grade", &[]);
    assert_eq!(grade["prompt"], PROMPT);
    assert_eq!(array(&grade, "tokens").len(), 8);
    assert_eq!(
        (&grade["answer"], &grade["runner_up"]),
        (&"95".into(), &"995".into())
    );
    assert!(number(&grade, "seconds") > 0.0);

    let mut group = "";
    let mut lines = text.lines();
    let figures = array(&grade, "figures");
    assert!(figures.len() > 40, "{}", figures.len());
    for figure in figures {
        let of = |field: &str| figure[field].as_str().unwrap();
        assert!(!of("id").is_empty());
        if of("group") != group {
            group = of("group");
            assert_eq!(lines.next(), Some(group));
        }
        let line = lines.next().unwrap();
        let rest = line
            .trim()
            .strip_prefix(of("name"))
            .unwrap_or_else(|| panic!("{line}"));
        let (digits, unit) = match of("unit") {
            "" => (4, String::new()),
            unit => (2, format!(" {unit}")),
        };
        let value = number(figure, "value");
        assert_eq!(rest.trim(), format!("{value:.digits$}{unit}"), "{line}");
    }
    assert_eq!(lines.next(), Some(""));
    for finding in array(&grade, "findings") {
        let mark = match finding["trust"].as_str().unwrap() {
            "yes" => '+',
            "partly" => '~',
            "no" => '-',
            other => panic!("{other}"),
        };
        let sentence = finding["text"].as_str().unwrap();
        assert_eq!(lines.next().unwrap(), format!("{mark} {sentence}"));
    }
    assert_eq!(lines.next(), Some(""));
    assert!(lines.next().unwrap().starts_with("graded in "));
    let about: Vec<&str> = array(&grade, "findings")
        .iter()
        .map(|finding| finding["about"].as_str().unwrap())
        .collect();
    let all = [
        "exact",
        "mlps",
        "everything",
        "reading",
        "target",
        "influence",
        "errors",
        "replaced",
        "second",
    ];
    assert_eq!(about, all);

    let features = array(&grade, "features");
    assert_eq!(number(&grade, "active_features"), features.len() as f64);
    let trials = array(&grade, "trials");
    assert_eq!(trials.len(), 8);
    let rungs: Vec<&str> = trials
        .iter()
        .map(|trial| trial["rung"].as_str().unwrap())
        .collect();
    assert_eq!(rungs[..4], ["features", "mlps", "norms", "everything"]);
    for trial in trials {
        for points in [&trial["difference"], &trial["answer"]] {
            assert_eq!(array(points, "predicted").len(), features.len());
            assert_eq!(array(points, "live").len(), features.len());
            assert_eq!(array(points, "measured").len(), features.len());
        }
    }
    assert_eq!(array(&grade["errors"], "shares").len(), 4);
    assert_eq!(array(&grade, "travels").len(), 9);
    assert_eq!(grade["replaced"]["same"], true);
    assert_eq!(grade["second"]["per_layer"], true);
}

#[test]
fn a_grades_second_opinion_can_be_chosen() {
    let scratch = Scratch::new("second");
    let folder = |name: &str| addition().join(name).to_str().unwrap().to_owned();
    let (across, within) = (folder("transcoder"), folder("per-layer"));
    let second = |more: &[&str]| written(&scratch, "grade", more).1["second"].clone();
    // Another transcoder than the folder's own has no second by itself.
    assert!(second(&["--transcoder", &within]).is_null());
    let other = second(&["--transcoder", &within, "--second", &across]);
    assert_eq!(other["per_layer"], false);
    let same = second(&["--second", &across]);
    assert_eq!(same["per_layer"], false);
    assert!((number(&same, "agreement") - 1.0).abs() < 1e-9);
    assert_eq!(same["path_lengths"][0], same["path_lengths"][1]);
    let own = second(&[]);
    assert_eq!(own["path_lengths"][0], other["path_lengths"][1]);
    assert_eq!(own["path_lengths"][1], other["path_lengths"][0]);

    let missing = folder("nowhere");
    let output = call("grade", &addition(), PROMPT, &["--second", &missing]);
    assert!(complaint(&output).contains("nowhere"));
}
