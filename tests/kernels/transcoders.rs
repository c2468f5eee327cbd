//! What features are made of and what they write: gates, decoders, steering, edges.

use super::compare::{gpu, linear, nonlinear, random, read, sparse};
use attograph::engine::cpu::Cpu;
use attograph::engine::{Decoding, Edges, EdgesBack, Engine};
use attograph::model::Values;

#[test]
fn top_k() {
    let gpu = &gpu();
    for (rows, features, k) in [
        (1, 1, 1),
        (3, 65, 1),
        (3, 65, 64),
        (2, 65, 65),
        (12, 1000, 32),
        (70, 64, 5),
        (2, 20_000, 128),
        (0, 7, 2),
    ] {
        let mut x = random(1, rows * features);
        // Some are equal, at every size.
        for i in (3..x.len()).step_by(3) {
            x[i] = (x[i - 3] * 8.0).round() / 8.0;
        }
        let mut expected = vec![0.0; x.len()];
        for (x, out) in x.chunks(features).zip(expected.chunks_mut(features)) {
            let mut order: Vec<usize> = (0..features).collect();
            // A stable sort keeps equal ones in order.
            order.sort_by(|a, b| x[*b].total_cmp(&x[*a]));
            for i in &order[..k] {
                out[*i] = x[*i];
            }
        }
        assert_eq!(Cpu.top_k(&x.clone(), k, rows, features), expected);
        let out = gpu.top_k(&gpu.upload(&x), k, rows, features);
        assert_eq!(
            read(gpu, &[(out, rows * features)]),
            [expected],
            "{features}, {k}"
        );
    }
}

/// What is no number stays so, or nobody would find it.
#[test]
fn gates_let_through_what_is_no_number() {
    let gpu = &gpu();
    for odd in [f32::NAN, -f32::NAN] {
        let x = [0.5, odd, -1.0, 2.0];
        let uploaded = gpu.upload(&x);
        let thresholds = [0.0; 4];
        let jumped = gpu.jump_relu(&uploaded, &gpu.upload(&thresholds), 1, 4);
        let topped = gpu.top_k(&uploaded, 2, 1, 4);
        let on_gpu = read(gpu, &[(jumped, 4), (topped, 4)]);
        let on_cpu = [
            Cpu.jump_relu(&x.to_vec().into(), &thresholds.to_vec().into(), 1, 4),
            Cpu.top_k(&x.to_vec().into(), 2, 1, 4),
        ];
        for [jumped, topped] in [[&on_gpu[0][..], &on_gpu[1]], [&on_cpu[0][..], &on_cpu[1]]] {
            assert!(jumped[1].is_nan() && topped[1].is_nan());
            assert_eq!([jumped[0], jumped[2], jumped[3]], [0.5, 0.0, 2.0]);
            assert_eq!([topped[0], topped[2], topped[3]], [0.0, 0.0, 2.0]);
        }
    }
}

/// Of each row how many values are not zero, and the bits of the first of them with their places.
fn parsed(found: &[f32], most: usize) -> Vec<(usize, Vec<(u32, u32)>)> {
    let rows = found.chunks_exact(1 + 2 * most).map(|row| {
        let count = row[0].to_bits() as usize;
        let (places, values) = row[1..].split_at(most);
        let kept = places.iter().zip(values).take(count);
        let kept = kept.map(|(place, value)| (place.to_bits(), value.to_bits()));
        (count, kept.collect())
    });
    rows.collect()
}

#[test]
fn active() {
    let gpu = &gpu();
    for (rows, features, most) in [
        (1, 1, 0),
        (1, 1, 1),
        (3, 65, 8),
        (2, 64, 64),
        (70, 100, 25),
        (5, 2048, 256),
        (4, 2049, 256),
        (3, 20_000, 256),
        (2, 4500, 4500),
        (0, 7, 2),
    ] {
        for every in [1, 3, 40] {
            let mut x = sparse(1, rows * features, every).to_vec();
            // The first row is full, and the last is empty but for its signs.
            if rows > 1 {
                x[..features].fill(0.5);
                x[(rows - 1) * features..].fill(-0.0);
            }
            // What is no number is found, and what is very small.
            for (i, odd) in [f32::NAN, f32::NEG_INFINITY, -f32::NAN, 1e-40]
                .into_iter()
                .enumerate()
            {
                if let Some(x) = x.get_mut(features + 17 * i) {
                    *x = odd;
                }
            }
            let expected: Vec<_> = x
                .chunks_exact(features)
                .map(|row| {
                    let active = (0..).zip(row).filter(|(_, value)| **value != 0.0);
                    let active: Vec<_> = active.map(|(i, value)| (i, value.to_bits())).collect();
                    (active.len(), active[..most.min(active.len())].to_vec())
                })
                .collect();
            let length = rows * (1 + 2 * most);
            let on_cpu = Cpu.active(&x.clone().into(), most, rows, features);
            assert_eq!(on_cpu.len(), length);
            assert!(parsed(&on_cpu, most) == expected, "{features}, {every}");
            let out = gpu.active(&gpu.upload(&x), most, rows, features);
            let on_gpu = &read(gpu, &[(out, length)])[0];
            assert!(parsed(on_gpu, most) == expected, "{features}, {every}");
        }
    }
}

#[test]
fn jump_relu() {
    let gpu = &gpu();
    for (rows, features) in [(1, 1), (3, 65), (12, 1000), (70, 64), (0, 7)] {
        let (mut x, threshold) = (random(1, rows * features), random(2, features));
        // At its threshold, a feature is silent.
        for (x, threshold) in x.iter_mut().zip(&threshold).step_by(3) {
            *x = *threshold;
        }
        let on_cpu = Cpu.jump_relu(&x, &threshold, rows, features);
        let (x, threshold) = (gpu.upload(&x), gpu.upload(&threshold));
        let out = gpu.jump_relu(&x, &threshold, rows, features);
        assert_eq!(on_cpu, read(gpu, &[(out, rows * features)])[0]);
    }
}

/// Sizes, and the number of layers of the output.
fn decodings() -> Vec<(Decoding, usize)> {
    let mut found = Vec::new();
    for (tokens, features, outputs, width, layer, layers) in [
        (1, 1, 1, 1, 0, 1),
        (1, 300, 1, 64, 2, 4),
        (5, 256, 3, 17, 1, 4),
        (9, 257, 2, 65, 0, 2),
        (12, 1000, 4, 96, 0, 4),
        (3, 31, 1, 5, 6, 8),
    ] {
        let sizes = Decoding {
            tokens,
            features,
            outputs,
            width,
            layer,
        };
        found.push((sizes, layers));
    }
    found
}

/// All of them, each with a decoder and what the outputs are before.
fn each_decoding() -> impl Iterator<Item = (Decoding, Values, Values)> {
    decodings().into_iter().map(|(sizes, layers)| {
        println!("{sizes:?}");
        let decoder = random(2, sizes.features * sizes.outputs * sizes.width);
        let before = random(3, layers * sizes.tokens * sizes.width);
        (sizes, decoder, before)
    })
}

#[test]
fn decode() {
    let gpu = &gpu();
    for (sizes, decoder, before) in each_decoding() {
        let count = sizes.tokens * sizes.features;
        for activations in [
            vec![0.0; count].into(),
            sparse(1, count, 13),
            random(1, count),
        ] {
            linear!(gpu, |engine, values| {
                let mut out = engine.upload(&values(&before));
                let activations = engine.upload(&values(&activations));
                let decoder = engine.upload(&values(&decoder));
                let factor = values(&[-1.0])[0];
                engine.decode(&mut out, &activations, &decoder, sizes, factor);
                [(out, before.len())]
            });
        }
    }
}

#[test]
fn steer() {
    let gpu = &gpu();
    for (sizes, decoder, before) in each_decoding() {
        let activations = sparse(1, sizes.tokens * sizes.features, 3);
        for count in [0, 1, 7, 40] {
            // Several share a position, and the first two share a feature as well.
            let at = |j: usize| (j / 2 % sizes.tokens) as u32;
            let feature = |j: usize| (j.saturating_sub(1) * 5 % sizes.features) as u32;
            let positions: Vec<u32> = (0..count).map(at).collect();
            let features: Vec<u32> = (0..count).map(feature).collect();
            let targets = random(4, count);
            nonlinear!(gpu, |engine| {
                let mut out = engine.upload(&before);
                let activations = engine.upload(&activations);
                let decoder = engine.upload(&decoder);
                let positions = engine.upload_indices(&positions);
                let features = engine.upload_indices(&features);
                let targets = engine.upload(&targets);
                engine.steer(
                    &mut out,
                    &activations,
                    &decoder,
                    &positions,
                    &features,
                    &targets,
                    count,
                    sizes,
                );
                [(out, before.len())]
            });
        }
    }
}

#[test]
fn gather_and_scatter_rows() {
    let gpu = &gpu();
    for (any, count, width) in [
        (1, 1, 1),
        (10, 10, 64),
        (100, 30, 65),
        (50, 7, 3),
        (4, 0, 9),
    ] {
        let table = random(1, any * width);
        let scales = random(2, count);
        // No index twice: 7 shares no divisor with these table sizes.
        let indices: Vec<u32> = (0..count).map(|i| ((i * 7 + 3) % any) as u32).collect();
        let rows = random(3, count * width);
        linear!(gpu, |engine, values| {
            let mut out = engine.upload(&values(&table));
            let scales = engine.upload(&values(&scales));
            let indices = engine.upload_indices(&indices);
            let rows = engine.upload(&values(&rows));
            let gathered = engine.gather_rows(&out, &indices, &scales, count, width);
            engine.scatter_rows(&mut out, &rows, &indices, count, width);
            [(gathered, count * width), (out, any * width)]
        });
    }
}

#[test]
fn edges() {
    let gpu = &gpu();
    let case = |targets, tokens, width, sources, stride, offset| Edges {
        targets,
        tokens,
        width,
        sources,
        stride,
        offset,
        columns: sources + 5,
    };
    for sizes in [
        case(1, 1, 1, 1, 1, 0),
        case(1, 3, 8, 3, 8, 0),
        case(5, 4, 31, 17, 40, 3),
        case(32, 6, 32, 16, 96, 64),
        case(33, 7, 33, 50, 33, 0),
        case(65, 5, 64, 100, 64, 0),
        case(300, 9, 48, 200, 192, 96),
        // One vector for all sources.
        case(20, 30, 16, 30, 0, 0),
        case(20, 30, 16, 30, 0, 7),
        case(4, 3, 8, 0, 8, 0),
        case(0, 3, 8, 4, 8, 0),
    ] {
        println!("{sizes:?}");
        let Edges {
            targets,
            tokens,
            width,
            sources,
            stride,
            offset,
            columns,
        } = sizes;
        let gradient = random(1, targets * tokens * width);
        let vectors = random(2, offset + sources * stride + width);
        let before = random(3, targets * columns);
        // In runs of one position, and in no order at all.
        let runs: Vec<u32> = (0..sources)
            .map(|s| (s * tokens / sources) as u32)
            .collect();
        let mixed: Vec<u32> = (0..sources).map(|s| (s * 5 % tokens) as u32).collect();
        let order: Vec<u32> = (0..sources).map(|s| (columns - 1 - s) as u32).collect();
        for positions in [runs, mixed] {
            linear!(gpu, |engine, values| {
                let mut out = engine.upload(&values(&before));
                let gradient = engine.upload(&values(&gradient));
                let vectors = engine.upload(&values(&vectors));
                let positions = engine.upload_indices(&positions);
                let order = engine.upload_indices(&order);
                engine.edges(&mut out, &gradient, &vectors, &positions, &order, sizes);
                [(out, targets * columns)]
            });
        }
    }
}

#[test]
fn edges_back() {
    let gpu = &gpu();
    for (targets, tokens, width, sources) in [
        (1, 1, 1, 1),
        (1, 3, 8, 3),
        (5, 4, 31, 17),
        (33, 7, 65, 50),
        (100, 9, 48, 200),
        (4, 3, 8, 0),
        (0, 3, 8, 4),
    ] {
        let first = 2;
        let sizes = EdgesBack {
            targets,
            tokens,
            width,
            columns: first + sources + 3,
            first,
        };
        println!("{sizes:?}");
        let before = random(1, targets * tokens * width);
        let rows = random(2, targets * sizes.columns);
        let vectors = random(3, sources * width + width);
        // Some tokens have none, and one that is not looked at has more.
        let starts: Vec<u32> = (0..tokens + 2)
            .map(|t| (t / 2 * 2 * sources / (tokens + 1)) as u32)
            .collect();
        linear!(gpu, |engine, values| {
            let mut out = engine.upload(&values(&before));
            let rows = engine.upload(&values(&rows));
            let vectors = engine.upload(&values(&vectors));
            let starts = engine.upload_indices(&starts);
            engine.edges_back(&mut out, &rows, &vectors, &starts, sizes);
            [(out, before.len())]
        });

        // It is the transpose of edges.
        let gradient = random(4, before.len());
        let positions: Vec<u32> = (0..tokens)
            .flat_map(|t| vec![t as u32; (starts[t + 1] - starts[t]) as usize])
            .collect();
        let columns: Vec<u32> = (0..positions.len()).map(|s| (first + s) as u32).collect();
        let mut met = Cpu.zeros(rows.len());
        let edges = Edges {
            targets,
            tokens,
            width,
            sources: positions.len(),
            stride: width,
            offset: 0,
            columns: sizes.columns,
        };
        Cpu.edges(&mut met, &gradient, &vectors, &positions, &columns, edges);
        let mut back = Cpu.zeros(before.len());
        Cpu.edges_back(&mut back, &rows, &vectors, &starts, sizes);
        let dot = |a: &[f32], b: &[f32]| -> f64 {
            let pairs = a.iter().zip(b);
            pairs.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
        };
        let (one, other) = (dot(&rows, &met), dot(&gradient, &back));
        assert!(
            (one - other).abs() <= 1e-4 * (1.0 + one.abs()),
            "{one}, {other}"
        );
    }
}
