//! Brings a side up and drives it.

use actix_web::test::init_service;

use crate::{
    Side,
    case::{self, Case},
    drive::drive,
    plain,
};

/// What is brought up.
#[derive(Debug, Clone, Copy)]
pub enum Application {
    /// Orders and stock.
    Endpoints,
    /// A table of that many routes.
    Table(usize),
}

impl Application {
    /// `endpoints`, or `table-SIZE`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name.strip_prefix("table-") {
            Some(size) => size.parse().ok().filter(|size| *size > 0).map(Self::Table),
            None => (name == "endpoints").then_some(Self::Endpoints),
        }
    }

    /// What it is asked.
    #[must_use]
    pub fn cases(self) -> Vec<Case> {
        match self {
            Self::Endpoints => case::endpoints(),
            Self::Table(size) => case::table(size),
        }
    }
}

/// Brings `application` up on `side` and hands `counted` each case with a closure that sends `requests` of it.
pub fn run(
    side: Side,
    application: Application,
    requests: u32,
    counted: impl FnMut(&Case, &mut dyn FnMut()),
) {
    let system = actix_rt::System::new();
    let cases = application.cases();
    macro_rules! drive {
        ($app:expr) => {{
            let service = system.block_on(init_service($app));
            drive(&system, &service, &cases, requests, counted);
        }};
    }
    match (side, application) {
        (Side::Plain, Application::Endpoints) => drive!(plain::endpoints()),
        (Side::Plain, Application::Table(size)) => drive!(plain::table(size)),
        #[cfg(feature = "ours")]
        (Side::Ours, Application::Endpoints) => drive!(crate::ours::endpoints()),
        #[cfg(feature = "ours")]
        (Side::Ours, Application::Table(size)) => drive!(crate::ours::table(size)),
    }
}

/// `SIDE APPLICATION REQUESTS`, as both programs take them.
///
/// # Errors
/// What is wrong with them, in a sentence.
pub fn arguments() -> Result<(Side, Application, u32), String> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [side, application, requests] = words.as_slice() else {
        return Err("usage: SIDE APPLICATION REQUESTS, such as `plain table-100 500`".into());
    };
    Ok((
        Side::named(side).ok_or_else(|| format!("this build has no side `{side}`"))?,
        Application::named(application).ok_or_else(|| format!("no application `{application}`"))?,
        requests.parse().map_err(|_| format!("`{requests}` is no number of requests"))?,
    ))
}
