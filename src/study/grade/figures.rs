//! The figures of a grade: one number each, with a name. `attograph evaluate` averages the same
//! figures over many prompts.

use super::trials::percent;
use super::{Grade, Trial};
use crate::study::Rung;
use crate::study::statistics::spearman;
use crate::trace::Graph;
use serde::Serialize;

const GRAPH: &str = "Graphs";

/// One number.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Figure {
    /// The kind of figure, for headings.
    pub group: &'static str,
    /// Stays the same from prompt to prompt.
    pub id: String,
    pub name: String,
    pub value: f64,
    /// `"%"`, or empty.
    pub unit: &'static str,
}

impl Rung {
    /// What is free on it, in words.
    pub fn name(self) -> &'static str {
        match self {
            Rung::Features => "all frozen",
            Rung::Mlps => "MLPs free",
            Rung::Norms => "MLPs and norms free",
            Rung::Everything => "everything free",
        }
    }

    /// As ids of figures have it.
    pub fn id(self) -> &'static str {
        match self {
            Rung::Features => "all-frozen",
            Rung::Mlps => "mlps-free",
            Rung::Norms => "norms-free",
            Rung::Everything => "everything-free",
        }
    }
}

impl Trial {
    /// `MLPs free, 5 % less`.
    pub fn name(&self) -> String {
        let how = match self.share {
            1.0 => "all off".to_string(),
            _ => format!("{} % less", percent(self.share)),
        };
        format!("{}, {how}", self.rung.name())
    }
}

/// The scores, which need no experiment.
pub(super) fn scores(graph: &Graph) -> Vec<Figure> {
    let scores = graph.scores();
    [
        ("replacement", scores.replacement),
        ("completeness", scores.completeness),
    ]
    .map(|(id, value)| Figure {
        group: GRAPH,
        id: format!("score/{id}"),
        name: format!("{id} score"),
        value: f64::from(value),
        unit: "",
    })
    .to_vec()
}

/// All figures, those that can be computed.
pub(super) fn all(grade: &Grade, graph: &Graph) -> Vec<Figure> {
    let mut figures = Figures(scores(graph));
    let name = "edges on a path from a token to an answer".to_string();
    let length = Some(graph.path_length());
    figures.add(GRAPH, "path/length".into(), name, length, "");
    for layer in 0..graph.layers {
        let name = format!("influence through errors of layer {layer}");
        let share = Some(100.0 * grade.errors.layer(layer));
        figures.add(GRAPH, format!("errors/layer/{layer}"), name, share, "%");
    }
    for trial in &grade.trials {
        figures.add_trial(trial);
    }
    figures.add_influence(grade);
    figures.add_travels(grade);
    figures.add_second(grade);
    figures.0
}

/// Those found so far.
struct Figures(Vec<Figure>);

impl Figures {
    /// What cannot be computed, because nothing varies, is no figure.
    fn add(
        &mut self,
        group: &'static str,
        id: String,
        name: String,
        value: Option<f64>,
        unit: &'static str,
    ) {
        if let Some(value) = value.filter(|value| value.is_finite()) {
            self.0.push(Figure {
                group,
                id,
                name,
                value,
                unit,
            });
        }
    }

    fn add_trial(&mut self, trial: &Trial) {
        const TRIALS: &str = "Prediction against experiment";
        for (about, what, points) in [
            ("difference", "answer − runner-up", &trial.difference),
            ("answer", "answer’s logit", &trial.answer),
        ] {
            let id = format!("{}/{about}", trial.id);
            let name = format!("{}, {what}", trial.name());
            if trial.rung == Rung::Features {
                let words = format!("{name}: largest deviation, as a share of the largest effect");
                let deviation = points.deviation();
                self.add(TRIALS, format!("{id}/deviation"), words, deviation, "");
                continue;
            }
            let (fit, rank) = (points.fit(), points.rank());
            for (reading, words, fit, rank) in [
                ("", "", fit.held, rank.held),
                ("/live", ", live reading", fit.live, rank.live),
            ] {
                let (id, name) = (format!("{id}{reading}"), format!("{name}{words}"));
                let words = format!("{name}: correlation");
                self.add(TRIALS, id.clone(), words, fit.map(|fit| fit.pearson), "");
                let words = format!("{name}: rank correlation");
                self.add(TRIALS, format!("{id}/rank"), words, rank, "");
                let words = format!("{name}: slope of measured on predicted");
                let slope = fit.map(|fit| fit.slope);
                self.add(TRIALS, format!("{id}/slope"), words, slope, "");
            }
        }
    }

    fn add_influence(&mut self, grade: &Grade) {
        const INFLUENCE: &str = "Influence against switching off";
        for (id, which, kept) in [
            ("influence/all", "all features tried", false),
            ("influence/kept", "features kept by pruning", true),
        ] {
            let features = grade.features.iter().filter(|one| one.kept || !kept);
            let (x, y): (Vec<f64>, Vec<f64>) = features
                .map(|one| (f64::from(one.influence), one.divergence))
                .unzip();
            let name = format!("influence and divergence: rank correlation, {which}");
            self.add(INFLUENCE, id.into(), name, spearman(&x, &y), "");
        }
    }

    fn add_travels(&mut self, grade: &Grade) {
        const TRAVELS: &str = "How a perturbation travels";
        for travel in grade.travels.iter().filter(|t| t.rung != Rung::Norms) {
            let id = format!("travels/{}/{}", travel.rung.id(), travel.layers_on);
            let layers = match travel.layers_on {
                1 => "one layer".to_string(),
                on => format!("{on} layers"),
            };
            let name = format!("{}, {layers} on", travel.rung.name());
            let words = format!("{name}: cosine of measured and predicted change");
            self.add(
                TRAVELS,
                format!("{id}/cosine"),
                words,
                Some(travel.cosine),
                "",
            );
            let words = format!("{name}: squared error over squared change");
            self.add(
                TRAVELS,
                format!("{id}/error"),
                words,
                Some(travel.error),
                "",
            );
        }
    }

    fn add_second(&mut self, grade: &Grade) {
        const SECOND: &str = "Second opinion";
        if let Some(second) = &grade.second {
            let name = "edges on a path with the other kind of transcoder".to_string();
            let length = Some(second.path_lengths[1]);
            self.add(SECOND, "second/length".into(), name, length, "");
            let name =
                "what each token adds, with one kind of transcoder and the other: correlation";
            let agreement = second.agreement;
            self.add(
                SECOND,
                "second/agreement".into(),
                name.into(),
                agreement,
                "",
            );
            let name = "influence on paths that both kinds of transcoder tell alike".to_string();
            let alike = Some(100.0 * second.paths.agreement);
            self.add(SECOND, "second/paths".into(), name, alike, "%");
        }
    }
}

impl Grade {
    /// A figure's value by its id.
    pub fn figure(&self, id: &str) -> Option<f64> {
        let found = self.figures.iter().find(|figure| figure.id == id);
        found.map(|figure| figure.value)
    }
}
