use std::fmt;

/// What a check found, in sentences. [`Display`](fmt::Display) is for people, [`is_sound`](Self::is_sound) for programs.
///
/// ```
/// use actix_charter::download::offload::Offload;
///
/// # #[actix_web::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let media = tempfile::tempdir()?;
/// let offload = Offload::nginx().map(media.path(), "/protected/")?;
/// // Nobody listens there.
/// let report = offload.check("http://127.0.0.1:1/.offload-check", "a token that nobody guesses").run().await;
/// assert!(!report.is_sound());
/// assert!(report.problems().next().unwrap().seen.starts_with("There is no answer"));
/// assert!(report.to_string().ends_with("1 problem."));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckReport {
    pub(super) title: String,
    pub(super) findings: Vec<Finding>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// Whether it is as it should be.
    pub standing: Standing,
    /// What was seen.
    pub seen: String,
    /// What to do about it.
    pub advice: Option<String>,
}

/// Whether something is as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is.
    Sound,
    /// It was not looked at, or nothing can be done about it but to know it.
    Note,
    /// It is not.
    Problem,
}

impl CheckReport {
    /// Whether no problem was found.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.problems().next().is_none()
    }

    /// Everything that was looked at, in order.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// What is not as it should be.
    pub fn problems(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.standing == Standing::Problem)
    }

    pub(super) fn sound(&mut self, seen: impl Into<String>) {
        self.add(Standing::Sound, seen.into(), None);
    }

    pub(super) fn note(&mut self, seen: impl Into<String>) {
        self.add(Standing::Note, seen.into(), None);
    }

    pub(super) fn problem(&mut self, seen: impl Into<String>, advice: impl Into<String>) {
        self.add(Standing::Problem, seen.into(), Some(advice.into()));
    }

    fn add(&mut self, standing: Standing, seen: String, advice: Option<String>) {
        let finding = Finding { standing, seen, advice };
        // Two roots may have the same fault.
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }
}

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.title)?;
        for Finding { standing, seen, advice } in &self.findings {
            let mark = match standing {
                Standing::Sound => "ok     ",
                Standing::Note => "note   ",
                Standing::Problem => "PROBLEM",
            };
            writeln!(f, "  {mark}  {seen}")?;
            if let Some(advice) = advice {
                writeln!(f, "           -> {advice}")?;
            }
        }
        match self.problems().count() {
            0 => f.write_str("Sound."),
            1 => f.write_str("1 problem."),
            count => write!(f, "{count} problems."),
        }
    }
}
