//! Who sends it: the columns of the grid.

use crate::Kind;

use super::source::Source;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivered {
    Us,
    UsWithCache,
    Nginx,
    Apache,
    ApacheOrRedirected,
    Lighttpd,
    LighttpdOrRedirected,
    LighttpdWithoutCache,
    Caddy,
    CaddyWithoutCache,
}

/// Who sent one answer's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sender {
    /// The application.
    Application,
    /// The server in front, a file of this machine.
    File,
    /// The server in front, which fetched it from elsewhere.
    Fetched,
    /// The place itself, to which the client was sent.
    Place,
}

/// What matters for who answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    First,
    Again,
    Head,
    Part,
    Parts,
    IfRange,
}

impl Delivered {
    pub(super) fn kind(self) -> Option<Kind> {
        match self {
            Self::Us | Self::UsWithCache => None,
            Self::Nginx => Some(Kind::Nginx),
            Self::Apache | Self::ApacheOrRedirected => Some(Kind::Apache),
            Self::Lighttpd | Self::LighttpdOrRedirected | Self::LighttpdWithoutCache => Some(Kind::Lighttpd),
            Self::Caddy | Self::CaddyWithoutCache => Some(Kind::Caddy),
        }
    }

    pub(super) fn redirects(self) -> bool {
        matches!(self, Self::ApacheOrRedirected | Self::LighttpdOrRedirected)
    }

    pub(super) fn has_cache(self) -> bool {
        !matches!(self, Self::Us | Self::LighttpdWithoutCache | Self::CaddyWithoutCache)
    }

    /// Would pass on what breaks off as if it were whole, and so is told nothing without a length.
    pub(super) fn loses_breaks(self) -> bool {
        matches!(self.kind(), Some(Kind::Lighttpd | Kind::Caddy))
    }

    /// The grid itself.
    pub(super) fn sender(self, source: Source, asked: Asked) -> Sender {
        let is_kept = self.has_cache();
        let by_server = match self.kind() {
            None => Sender::Application,
            // It would judge by the file's own validators.
            Some(Kind::Caddy) if asked == Asked::IfRange => Sender::Application,
            Some(_) => Sender::File,
        };
        let kept = match asked {
            Asked::First if !(is_kept && source.has_no_length() && self.loses_breaks()) => {
                Sender::Application
            }
            _ if is_kept => by_server,
            _ => Sender::Application,
        };
        if source.is_local() {
            by_server
        } else if self == Self::Nginx && (source.is_in_s3() || source.is_http()) {
            match asked {
                // Nothing is in the cache, for nginx has fetched all.
                Asked::Head | Asked::Parts => Sender::Application,
                _ => Sender::Fetched,
            }
        } else if self.redirects() && (source.is_in_s3() || source == Source::HttpInline) {
            if asked == Asked::Head { Sender::Application } else { Sender::Place }
        } else {
            kept
        }
    }
}
