//! A JSON body that is explained against its schema, as any client may send it.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| actix_charter::__private::fuzz::explain(data));
