//! stub until the document branch lands
use crate::endpoint::MountedOperation;
use actix_web::{HttpRequest, HttpResponse};
#[derive(Debug, Clone)]
pub struct Info {
    title: String,
}
impl Info {
    pub fn new(t: impl Into<String>, _v: impl Into<String>) -> Self {
        Self { title: t.into() }
    }
    pub fn title(&self) -> &str {
        &self.title
    }
}
#[derive(Debug)]
pub struct Document;
#[derive(Debug)]
pub struct SchemeDoc {
    pub name: String,
    pub value: serde_json::Value,
}
#[derive(Debug)]
pub struct DocumentFault(String);
impl std::fmt::Display for DocumentFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
impl Document {
    pub(crate) fn build(
        _: &Info,
        _: &[MountedOperation],
        _: &[SchemeDoc],
    ) -> Result<Self, Vec<DocumentFault>> {
        Ok(Self)
    }
}
#[derive(Debug)]
pub(crate) struct Served;
#[derive(Debug, Clone, Copy)]
pub(crate) enum Format {
    Json,
    Yaml,
}
impl Served {
    pub(crate) fn new(_: &Document) -> Self {
        Self
    }
    pub(crate) fn respond(&self, _: &HttpRequest, _: Format) -> HttpResponse {
        HttpResponse::Ok().finish()
    }
}
#[derive(Debug, Clone, Copy)]
pub enum Ui {
    Swagger,
    Scalar,
}
pub(crate) fn page(_: Ui, _: &str, _: &str, _: &str, _: &HttpRequest) -> HttpResponse {
    HttpResponse::Ok().finish()
}
pub(crate) fn asset(_: Ui, _: &str, _: &HttpRequest) -> Option<HttpResponse> {
    None
}
