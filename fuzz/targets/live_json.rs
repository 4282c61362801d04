//! A frame of JSON commands, as any client of a live channel may send it.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| actix_charter::__private::fuzz::live_json(data));
