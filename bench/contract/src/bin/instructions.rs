//! Run by callgrind, which collects only inside [`counted`] and writes one part each time it is left.
//!
//! Prints each case in the order of the parts.

use bench_contract::run::{arguments, run};

/// What callgrind counts. It is found by this name, so it must neither be inlined nor be generic.
#[inline(never)]
fn counted(requests: &mut dyn FnMut()) {
    requests();
    // Something after the call, so that it does not become a jump out of this function.
    std::hint::black_box(());
}

fn main() -> Result<(), String> {
    let (side, application, requests) = arguments()?;
    run(side, application, requests, |case, send| {
        counted(send);
        println!("{} {requests}", case.name);
    });
    Ok(())
}
