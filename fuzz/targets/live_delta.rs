//! Two publications: a delta is made between them, and the second is applied to the first as if it were one.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| actix_charter::__private::fuzz::live_delta(data));
