//! What features are set to: settings as activations, those that are refused, and texts of them.

use super::steered::{intervention, run, silent, steer, steering};
use crate::common::cases::{Case, DIFFERENCE, ROUNDING, doubles, each, gpu, near};
use crate::common::random::VOCABULARY;
use attograph::engine::Engine;
use attograph::engine::cpu::Cpu;
use attograph::study::{Mode, Setting, Steer, StudyError, intervene, steered_next};
use attograph::trace::{Feature, TraceError};

#[test]
fn settings_become_activations_on_the_cpu() {
    each(|| Cpu, &DIFFERENCE, settings);
}

#[test]
fn settings_become_activations_on_the_gpu() {
    each(gpu, &DIFFERENCE, settings);
}

fn settings<E: Engine>(case: &Case<E>, about: &str) {
    let steering = steering(&case.tracer, &case.ids);
    assert_eq!(steering.ids(), case.ids);
    let (one, two) = (case.graph.features[0], case.graph.features[1]);
    let silent = silent(&steering, case.graph.layers - 1);
    let first = Feature { position: 0, ..one };
    let steers = [
        steer(&one, Setting::To(7.0)),
        steer(&two, Setting::Times(-1.5)),
        steer(&silent, Setting::Times(3.0)),
        steer(&first, Setting::Times(2.0)),
        // Of two on one feature the later counts.
        steer(&one, Setting::Times(2.0)),
        steer(&silent, Setting::To(0.75)),
    ];
    let expected = [
        intervention(&two, -1.5 * two.activation),
        intervention(&first, 0.0),
        intervention(&one, 2.0 * one.activation),
        intervention(&silent, 0.75),
    ];
    let network = &case.tracer.network;
    assert_eq!(steering.interventions(network, &steers).unwrap(), expected);
    for mode in [Mode::Free, Mode::PatternsFrozen, Mode::Direct] {
        let steered = run(&case.tracer, &steering, &steers, &mode).unwrap();
        assert_eq!(steered.interventions, expected);
        let plain = intervene(network, &case.ids, &expected, &mode);
        let plain = pollster::block_on(plain).unwrap();
        assert_eq!(steered.after.logits, plain.logits, "{about}, {mode:?}");
        assert_eq!(steered.after.activations, plain.activations);
        assert_ne!(steered.after.logits, steering.before.logits, "{about}");
    }
    // What is silent can be set, and then speaks.
    let only = [steer(&silent, Setting::To(0.75))];
    let steered = run(&case.tracer, &steering, &only, &Mode::Free).unwrap();
    assert_ne!(steered.after.logits, steering.before.logits, "{about}");
    // A multiple of it is silence.
    let only = [steer(&silent, Setting::Times(5.0))];
    let steered = run(&case.tracer, &steering, &only, &Mode::Free).unwrap();
    let still = [&steered.after, &steering.before].map(|one| doubles(&one.logits));
    near(about, &still[0], &still[1], 0.0, ROUNDING);
}

#[test]
fn impossible_settings_are_refused_in_a_sentence() {
    let case = Case::new(Cpu, 0, &DIFFERENCE);
    let steering = steering(&case.tracer, &case.ids);
    let good = case.graph.features[0];
    let (layer, position, feature) = (good.layer, good.position, good.index);
    let complaint = |steer: Steer, mode: &Mode| {
        let found = run(&case.tracer, &steering, &[steer], mode);
        found.unwrap_err().to_string()
    };
    let off = steer(&good, Setting::To(0.0));
    for (bad, says) in [
        (
            Steer { layer: 3, ..off },
            format!("There is no feature {feature} at layer 3, position {position}: "),
        ),
        (
            Steer { position: 7, ..off },
            format!("There is no feature {feature} at layer {layer}, position 7: "),
        ),
        (
            Steer { feature: 25, ..off },
            format!("There is no feature 25 at layer {layer}, position {position}: "),
        ),
    ] {
        let end = "the model has 3 layers with 25 features, and the prompt 7 tokens.";
        assert_eq!(complaint(bad, &Mode::Free), format!("{says}{end}"));
    }
    for set in [
        Setting::To(f32::NAN),
        Setting::To(f32::INFINITY),
        Setting::Times(f32::NAN),
        Setting::Times(f32::NEG_INFINITY),
    ] {
        let expected =
            format!("The value of feature {feature} at layer {layer} must be a finite number.");
        assert_eq!(complaint(steer(&good, set), &Mode::Free), expected);
    }
    let huge = steer(&good, Setting::To(3e38));
    assert_eq!(
        complaint(huge, &Mode::Direct),
        "With these settings the model's logits are no finite numbers: the values are too large."
    );
    let huge = [intervention(&good, 3e38)];
    let next = steered_next(&case.tracer, &case.ids, &huge, &Mode::Direct);
    assert_eq!(pollster::block_on(next), Err(StudyError::TooLarge));
    assert_eq!(
        complaint(off, &Mode::Constrained(1..5)),
        "There is no layer 4: the model has 3 layers, from 0 on."
    );
    let bad = pollster::block_on(case.tracer.run(&[0, 99]));
    let error = bad.map(|_| ()).unwrap_err();
    let unknown = TraceError::UnknownToken {
        name: "99".into(),
        vocabulary: VOCABULARY,
    };
    assert_eq!(error, unknown);
}

#[test]
fn settings_are_read_from_texts() {
    let steer = |layer, feature, position, set| Steer {
        layer,
        position,
        feature,
        set,
    };
    for (text, expected) in [
        ("0/153@6=0", steer(0, 153, 6, Setting::To(0.0))),
        ("3/7@12=2.5", steer(3, 7, 12, Setting::To(2.5))),
        ("3/7@12=-2.5", steer(3, 7, 12, Setting::To(-2.5))),
        ("1/2@3=x2", steer(1, 2, 3, Setting::Times(2.0))),
        ("1/2@3=x-1", steer(1, 2, 3, Setting::Times(-1.0))),
        ("1/2@3=x0.5", steer(1, 2, 3, Setting::Times(0.5))),
        ("1/2@3=1e-3", steer(1, 2, 3, Setting::To(1e-3))),
    ] {
        assert_eq!(text.parse::<Steer>().as_ref(), Ok(&expected), "{text}");
    }
    for text in [
        "",
        "0/153@6",
        "0/153=1",
        "153@6=1",
        "0@6/153=1",
        "0/153@6=",
        "0/153@6=x",
        "0/153@6=2x",
        "0/153@6=xx2",
        "0/153@6=loud",
        "0/153@6=1=2",
        "0/153@6@7=1",
        "0/1/2@6=1",
        "-1/153@6=1",
        "0/1.5@6=1",
        "0/153@six=1",
        "0/ 153@6=1",
        "99999999999999999999/1@1=1",
    ] {
        let error = text.parse::<Steer>().unwrap_err();
        let expected = format!(
            "{text:?} sets no feature: write LAYER/FEATURE@POSITION=VALUE, with a multiple as x2"
        );
        assert_eq!(error, expected);
    }
}

#[test]
fn modes_are_read_from_texts() {
    for (text, expected) in [
        ("direct", Mode::Direct),
        ("patterns", Mode::PatternsFrozen),
        ("free", Mode::Free),
        ("constrained:1-3", Mode::Constrained(1..4)),
        ("constrained:2-2", Mode::Constrained(2..3)),
        ("constrained:0", Mode::Constrained(0..1)),
    ] {
        assert_eq!(text.parse::<Mode>().as_ref(), Ok(&expected), "{text}");
    }
    for text in [
        "",
        "Direct",
        "frozen",
        "constrained",
        "constrained:",
        "constrained:3-1",
        "constrained:-1",
        "constrained:1-",
        "constrained:1-2-3",
        "constrained:a-b",
        "constrained: 1-2",
        "constrained:0-18446744073709551615",
        "direct:1-2",
    ] {
        let error = text.parse::<Mode>().unwrap_err();
        let expected =
            format!("{text:?} is no mode: use direct, constrained:1-3, patterns or free");
        assert_eq!(error, expected);
    }
}
