use std::fmt;

/// A check that can be turned off by name, for an endpoint, a controller, a router or an application.
///
/// In attributes the name is written in snake case: `allow(undeclared_header)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
#[non_exhaustive]
pub enum Rule {
    /// Compile time: GET, HEAD, DELETE, CONNECT and TRACE read no body (RFC 9110 §9.3). Turned off in attributes only.
    EmptyRequestBody,
    /// Compile time: 1xx, 204, 205 and 304 have no body (RFC 9110 §6.4.1). Turned off in attributes only.
    EmptyResponseBody,
    /// Compile time: one status has one content. Turned off in attributes only.
    StatusContent,
    /// Compile time: the path's parameters are those that `Path<T>` reads. Turned off in attributes only.
    PathNames,
    /// Compile time: header and cookie names are tokens, and headers are not those that the server manages.
    /// Turned off in attributes only.
    HeaderName,
    /// Compile time: `__Host-`, `__Secure-` and `SameSite=None` hold what they promise. Turned off in attributes only.
    CookieSemantics,
    /// Mount time: no route stands in the shadow of another one.
    ShadowedRoute,
    /// Run time: the status is a declared one.
    Status,
    /// Run time: the content type is a declared one.
    ContentType,
    /// Run time: every required header is there.
    RequiredHeader,
    /// Run time: no header is there that was not declared.
    UndeclaredHeader,
    /// Run time: cookies are declared, required ones are set, and their attributes are those declared.
    Cookies,
    /// Run time: an answer that is declared empty is empty.
    EmptyBody,
    /// Run time: the JSON body, where it lies in memory, fits its declared model. Needs the feature `explain`.
    BodyModel,
}

impl Rule {
    /// The name, as it stands in attributes and in the log.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EmptyRequestBody => "empty_request_body",
            Self::EmptyResponseBody => "empty_response_body",
            Self::StatusContent => "status_content",
            Self::PathNames => "path_names",
            Self::HeaderName => "header_name",
            Self::CookieSemantics => "cookie_semantics",
            Self::ShadowedRoute => "shadowed_route",
            Self::Status => "status",
            Self::ContentType => "content_type",
            Self::RequiredHeader => "required_header",
            Self::UndeclaredHeader => "undeclared_header",
            Self::Cookies => "cookies",
            Self::EmptyBody => "empty_body",
            Self::BodyModel => "body_model",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rules(u32);

impl Rules {
    /// No rules.
    pub const NONE: Self = Self(0);

    /// With one more.
    #[must_use]
    pub const fn with(self, rule: Rule) -> Self {
        Self(self.0 | 1 << rule as u8)
    }

    /// Whether the rule is in the set.
    #[must_use]
    pub const fn has(self, rule: Rule) -> bool {
        self.0 & (1 << rule as u8) != 0
    }
}

impl FromIterator<Rule> for Rules {
    fn from_iter<I: IntoIterator<Item = Rule>>(iter: I) -> Self {
        iter.into_iter().fold(Self::NONE, Self::with)
    }
}

/// What happens when an answer breaks its contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ContractMode {
    /// Nothing is checked.
    Off,
    /// The breach is logged; the answer goes out as it is.
    Log,
    /// The breach is logged; the client gets a 500 that says nothing. The default.
    #[default]
    Fail,
}
