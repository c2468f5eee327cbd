//! How much memory a hostile file takes: a test by itself, since it counts what is allocated.

use attograph::export::{self, Arrangement};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The system's allocator, counting what is held and the most that was.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        MOST.fetch_max(held, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

#[test]
fn memory_stays_within_a_small_multiple_of_a_hostile_file() {
    const SIZE: usize = 16 << 20;
    let filled = |before: &str, item: &str, after: &str| {
        let count = (SIZE - before.len() - after.len()) / item.len() - 1;
        let mut text = String::with_capacity(SIZE);
        text.push_str(before);
        for _ in 0..count {
            text.push_str(item);
        }
        // The last has no comma behind it.
        text.push_str(item.trim_end_matches(','));
        text.push_str(after);
        text
    };
    let graph = r#","nodes":[{"node_id":"2_5_0","feature_type":"logit","layer":2,"ctx_idx":0}],"links":[]}"#;
    let in_node =
        r#"],"node_id":"2_5_0","feature_type":"logit","layer":2,"ctx_idx":0}],"links":[]}"#;
    for (about, text) in [
        (
            "an object in metadata",
            filled(
                r#"{"metadata":{"a":["#,
                r#"{"":0},"#,
                &format!("]}}{graph}"),
            ),
        ),
        (
            "fields of metadata",
            filled(r#"{"metadata":{"#, r#""":0,"#, &format!("}}{graph}")),
        ),
        (
            "tokens",
            filled(
                r#"{"metadata":{"prompt_tokens":["#,
                r#""","#,
                &format!("]}}{graph}"),
            ),
        ),
        (
            "answers",
            filled(
                r#"{"metadata":{"attograph":{"answers":["#,
                "0,",
                &format!("]}}}}{graph}"),
            ),
        ),
        (
            "pins",
            filled(
                r#"{"qParams":{"pinnedIds":["#,
                r#""","#,
                &format!("]}}{graph}"),
            ),
        ),
        (
            "groups",
            filled(
                r#"{"qParams":{"supernodes":["#,
                "[0],",
                &format!("]}}{graph}"),
            ),
        ),
        (
            "a label",
            filled(r#"{"nodes":[{"clerp":["#, "[0],", in_node),
        ),
        (
            "nodes",
            filled(r#"{"links":[],"nodes":["#, r#"{"node_id":""},"#, "]}"),
        ),
        (
            "links",
            filled(
                r#"{"nodes":[{"node_id":"2_5_0","feature_type":"logit","layer":2,"ctx_idx":0}],"links":["#,
                r#"{"source":"","target":"","weight":0},"#,
                "]}",
            ),
        ),
        (
            "what is not read",
            filled(r#"{"x":["#, "[0],", &format!("]{graph}")),
        ),
        ("a list", filled("[", "[0],", "]")),
    ] {
        let bytes = text.into_bytes();
        let before = HELD.load(Ordering::Relaxed);
        MOST.store(before, Ordering::Relaxed);
        let opened = export::open(bytes);
        let most = MOST.load(Ordering::Relaxed).saturating_sub(before);
        assert!(most < 4 * SIZE, "{about}: {} MB", most >> 20);
        if let Ok(file) = opened {
            let all = file.graph.prune(1.0, 1.0);
            let again = file
                .original
                .json(&all, [0.5, 0.5], &Arrangement::default());
            let most = MOST.load(Ordering::Relaxed).saturating_sub(before);
            assert!(
                again.len() < SIZE + 1000 && most < 5 * SIZE,
                "{about}: {} MB",
                most >> 20
            );
        }
    }
}
