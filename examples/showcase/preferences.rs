//! Cookies: what a browser is told to remember.

use actix_charter::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, JsonSchema, Model)]
#[serde(rename_all = "lowercase")]
enum Theme {
    #[default]
    Light,
    Dark,
}

// One model: read from cookies, read from a body, and sent.
#[derive(Debug, Serialize, Deserialize, JsonSchema, Model)]
struct Preferences {
    #[serde(default)]
    theme: Theme,
}

/// The theme is remembered.
#[derive(Replies)]
#[reply(status = 204)]
struct Remembered {
    /// How the pages look.
    #[reply(cookie = "theme", path = "/", same_site = "Lax", max_age = 31_536_000)]
    theme: &'static str,
}

/// Preferences, kept by the browser alone.
pub(crate) struct PreferencesPage;

#[controller(path = "/preferences", tag = "session", security = none)]
impl PreferencesPage {
    /// What the browser remembers.
    #[get]
    async fn show(&self, Cookies(preferences): Cookies<Preferences>) -> Preferences {
        preferences
    }

    /// Have the browser remember it.
    #[put(request_example = json!({"theme": "dark"}))]
    async fn remember(&self, Body(preferences): Body<Preferences>) -> Remembered {
        let theme = match preferences.theme {
            Theme::Light => "light",
            Theme::Dark => "dark",
        };
        Remembered { theme }
    }
}
