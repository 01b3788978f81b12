//! What a large model takes of memory, counted by the allocator: a small multiple of its data, however it is written.
#![allow(unsafe_code, reason = "the allocator counts, and hands everything on to the system's")]

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use hlmc_engine::{EngineKind, Prepared};
use support::{bind, seedlings};

const FORMS: [&str; 2] = [
    include_str!("../../../benches/models/seedlings_loop.stan"),
    include_str!("../../../benches/models/seedlings_vectorised.stan"),
];

const N: usize = 200_000;
const N_TRAYS: usize = 20_000;

/// Three columns of 64-bit numbers.
const DATA_BYTES: usize = 3 * 8 * N;

/// The data themselves, their columns in the graph, and what is needed in passing: 3.4 times the data when this was
/// written. A copy of the data more breaks the bound.
const MOST_TIMES: usize = 4;

/// The table of functions and the compiled program: what every model takes.
const BASE_BYTES: usize = 1 << 20;

struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: every call is handed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        PEAK.fetch_max(NOW.fetch_add(layout.size(), Relaxed) + layout.size(), Relaxed);
        // SAFETY: the caller's promises are those that the system's allocator asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as above; the pointer came from the system's allocator.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// One test, since all tests of a binary share the allocator.
#[test]
fn from_text_to_the_first_gradient() {
    let data = seedlings(N, N_TRAYS);
    for form in FORMS {
        let before = NOW.load(Relaxed);
        PEAK.store(before, Relaxed);
        let model = bind(form, &data);
        let mut engine = Prepared::new(EngineKind::Native, &model).engine();
        let mut gradient = vec![0.0; model.dimension()];
        assert!(engine.log_density_gradient(&vec![0.1; model.dimension()], &mut gradient).is_ok());
        let bytes = PEAK.load(Relaxed) - before;
        assert!(bytes <= MOST_TIMES * DATA_BYTES + BASE_BYTES, "{bytes} bytes for {DATA_BYTES} of data\n{form}");
    }
}
