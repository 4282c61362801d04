use tokio::time::Instant;

use crate::live::hub::LiveSettings;

/// How many commands a connection may still send.
#[derive(Debug)]
pub(crate) struct Bucket {
    tokens: f32,
    refused: u32,
    at: Instant,
}

/// What becomes of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Toll {
    Pass,
    Refuse,
    Disconnect,
}

impl Bucket {
    pub(crate) fn new(settings: &LiveSettings, now: Instant) -> Self {
        Self { tokens: settings.burst, refused: 0, at: now }
    }

    pub(crate) fn take(&mut self, settings: &LiveSettings, now: Instant) -> Toll {
        let passed = now.duration_since(self.at).as_secs_f32();
        self.at = now;
        self.tokens = (self.tokens + passed * settings.rate).min(settings.burst);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            if self.tokens > settings.burst / 2.0 {
                self.refused = 0;
            }
            return Toll::Pass;
        }
        self.refused += 1;
        if self.refused > settings.refusals { Toll::Disconnect } else { Toll::Refuse }
    }
}
