//! How do I write the document to a file, without a server?
//!
//! `cargo run --example export > openapi.json`, in a build or a pipeline.

use actix_charter::{prelude::*, router::MountErrors};

struct Pings;

#[controller(path = "/ping")]
impl Pings {
    /// Are you there?
    #[get]
    async fn ping(&self) -> NoContent {
        NoContent
    }
}

/// The same function that the server calls.
fn api() -> Router {
    Router::new("/api").controller(Pings)
}

fn export() -> Result<String, MountErrors> {
    Ok(api().document(&Info::new("Pings", "1.0"))?.to_json())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{}", export()?);
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn is_a_document() {
        let document: serde_json::Value = serde_json::from_str(&super::export().unwrap()).unwrap();
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
        assert_eq!(document["paths"]["/api/ping"]["get"]["summary"], "Are you there?");
    }
}
