use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_web::http::header::HeaderValue;

/// Without the fraction, which HTTP dates do not have. `None` before 1970, and where no date can be written.
pub(crate) fn whole(time: SystemTime) -> Option<SystemTime> {
    // The year 9999 is the last that fits into four digits; httpdate panics above.
    const LAST: u64 = 253_402_300_799;
    let since = time.duration_since(UNIX_EPOCH).ok()?.as_secs();
    (since <= LAST).then(|| UNIX_EPOCH + Duration::from_secs(since))
}

/// As a header has it: `Tue, 02 Jan 2024 03:04:05 GMT`.
pub(crate) fn date(time: SystemTime) -> Option<HeaderValue> {
    HeaderValue::from_str(&httpdate::fmt_http_date(whole(time)?)).ok()
}
