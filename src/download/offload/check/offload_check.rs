use std::fmt;

use super::{CheckReport, advice, examination::Examination};
use crate::{download::offload::Offload, security::Secret};

/// An examination of a running server, from [`Offload::check`]. [`run`](Self::run) runs it.
#[must_use = "nothing is asked before `run`"]
pub struct OffloadCheck {
    pub(super) offload: Offload,
    pub(super) url: String,
    pub(super) token: Secret,
    pub(super) application: Option<String>,
    pub(super) host: Option<String>,
}

impl Offload {
    /// Asks the server in front whether it does what these rules expect of it, and what else it does.
    ///
    /// `url` is where clients reach the [`probe`](Self::probe) of the application, through the server; `token` is the probe's. The check
    /// writes a few files whose names start with `offload-check` into each root and one beside it, and removes them in any
    /// case. It runs where the roots are: on the machine of the application, with the same rules. Where a root cannot be
    /// written to, put a file `offload-check.txt` there.
    ///
    /// `examples/check_offload.rs` is a program around it.
    ///
    /// ```no_run
    /// use actix_charter::download::offload::Offload;
    ///
    /// # #[actix_web::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let offload = Offload::nginx().map("/srv/media", "/protected/")?;
    /// let report = offload
    ///     .check("https://media.example.org/.offload-check", "a token that nobody guesses")
    ///     .application("http://127.0.0.1:8080/.offload-check")
    ///     .run()
    ///     .await;
    /// println!("{report}");
    /// assert!(report.is_sound());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # What is looked at
    ///
    /// 1. Every root can be read, by the application and by the server's user.
    /// 2. The application names the file to the server, when it is [asked directly](OffloadCheck::application).
    /// 3. The server sends the file, byte by byte, also to HEAD and in ranges, under names that are hard to encode; type, name,
    ///    and security headers are those of the application, validators too, or with nginx those of the file where there are no
    ///    others; a file that went away is a 404 that no cache keeps.
    /// 4. Nothing leaks: no order to a proxy reaches the client, none of the client's has an effect; internal locations cannot be
    ///    reached from outside, are not asked of the application, and do not lead out of the root.
    /// 5. nginx fetches what lies behind a URL, where it is [told to](Offload::remote): a file of the probe's own, asked for at the
    ///    address where the application listens, with `Authorization`; its server's headers do not arrive, the application's do. Name
    ///    servers, TLS and firewalls on the way to other servers are not looked at.
    pub fn check(&self, url: &str, token: &str) -> OffloadCheck {
        OffloadCheck {
            offload: self.clone(),
            url: url.trim_end_matches('/').to_owned(),
            token: Secret::from(token),
            application: None,
            host: None,
        }
    }
}

impl OffloadCheck {
    /// Where the probe is reached past the server, to see what the application says.
    pub fn application(mut self, url: &str) -> Self {
        self.application = Some(url.trim_end_matches('/').to_owned());
        self
    }

    /// The value of `Host`, where the URL has an address that the server does not know itself by.
    pub fn host(mut self, host: &str) -> Self {
        self.host = Some(host.to_owned());
        self
    }

    /// Runs all of it, one request after another. Needs the runtime of Actix or Tokio.
    pub async fn run(self) -> CheckReport {
        let server = advice::name(self.offload.server());
        let mut report = CheckReport { title: format!("{server} at {}", self.url), findings: Vec::new() };
        if let Some(examination) = Examination::new(&self, &mut report) {
            examination.run().await;
        }
        report
    }
}

impl fmt::Debug for OffloadCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OffloadCheck")
            .field("url", &self.url)
            .field("application", &self.application)
            .finish_non_exhaustive()
    }
}
