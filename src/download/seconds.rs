use std::{
    cell::{Cell, RefCell},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use actix_web::http::header::HeaderValue;

/// Without the fraction, which HTTP dates do not have. `None` before 1970, and where no date can be written.
pub(crate) fn whole(time: SystemTime) -> Option<SystemTime> {
    since_epoch(time).map(|since| UNIX_EPOCH + Duration::from_secs(since))
}

fn since_epoch(time: SystemTime) -> Option<u64> {
    // The year 9999 is the last that fits into four digits; httpdate panics above.
    const LAST: u64 = 253_402_300_799;
    let since = time.duration_since(UNIX_EPOCH).ok()?.as_secs();
    (since <= LAST).then_some(since)
}

/// Whether that time is not yet to come.
pub(crate) fn has_come(time: SystemTime) -> bool {
    time <= PAST.get() || {
        PAST.set(SystemTime::now());
        time <= PAST.get()
    }
}

thread_local! {
    /// When the clock was last asked: what has come once need not be asked again.
    static PAST: Cell<SystemTime> = const { Cell::new(UNIX_EPOCH) };
    /// The dates that were written last, each in the place that its seconds tell: files that are asked for are so again.
    static WRITTEN: RefCell<[Option<(u64, HeaderValue)>; 64]> = const { RefCell::new([const { None }; 64]) };
}

/// As a header has it: `Tue, 02 Jan 2024 03:04:05 GMT`.
pub(crate) fn date(time: SystemTime) -> Option<HeaderValue> {
    let since = since_epoch(time)?;
    WRITTEN
        .try_with(|written| {
            let mut written = written.try_borrow_mut().ok()?;
            let place = written.get_mut(usize::try_from(since % 64).ok()?)?;
            match place {
                Some((kept, value)) if *kept == since => Some(value.clone()),
                _ => {
                    let value = write(since)?;
                    *place = Some((since, value.clone()));
                    Some(value)
                }
            }
        })
        .ok()
        .flatten()
        .or_else(|| write(since))
}

fn write(since: u64) -> Option<HeaderValue> {
    HeaderValue::from_str(&httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(since))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_yet_to_come_is_asked_for_again() {
        let now = SystemTime::now();
        for _ in 0..2 {
            assert!(has_come(UNIX_EPOCH) && has_come(now) && !has_come(now + Duration::from_secs(1000)));
        }
    }

    #[test]
    fn dates_that_share_a_place_are_told_apart() {
        let written = |secs| date(UNIX_EPOCH + Duration::from_secs(secs)).unwrap();
        for _ in 0..2 {
            for secs in [0, 64, 128, 1_704_164_645, 1_704_164_645 + 64, 253_402_300_799] {
                let wanted = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(secs));
                assert_eq!(written(secs), wanted.as_str());
            }
        }
        assert_eq!(date(UNIX_EPOCH + Duration::from_secs(253_402_300_800)), None);
        assert_eq!(date(UNIX_EPOCH - Duration::from_secs(1)), None);
    }
}
