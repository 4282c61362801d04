//! Counts allocations a request. A growing buffer counts each time it is moved to a larger one.

use std::alloc::System;

use bench_contract::run::{arguments, run};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> Result<(), String> {
    let (side, application, requests) = arguments()?;
    run(side, application, requests, |case, send| {
        let region = Region::new(ALLOCATOR);
        send();
        let change = region.change();
        let of = |count: usize| count as f64 / f64::from(requests);
        println!(
            "{} {:.2} {:.2} {:.0}",
            case.name,
            of(change.allocations),
            of(change.reallocations),
            of(change.bytes_allocated)
        );
    });
    Ok(())
}
