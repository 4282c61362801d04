//! Every source through every server.

mod broken;
mod cell;
mod delivered;
mod elsewhere;
mod hostile;
mod source;
mod world;

use cell::Cell;
use delivered::Delivered;
use source::Source;
use world::World;

/// A test for each cell of the grid: its row and its column.
macro_rules! grid {
    (columns $columns:tt rows $($row:ident $sources:tt)*) => {
        $(grid! { @row $row $sources $columns })*
    };
    (@row $row:ident $sources:tt { $($column:ident $delivered:ident)* }) => {
        mod $row {
            use super::{Cell, Delivered, Source, World};
            $(
                #[actix_web::test]
                async fn $column() {
                    use Source::*;
                    let world = World::start(Delivered::$delivered);
                    for source in $sources {
                        Cell::new(&world, Delivered::$delivered, source).holds();
                    }
                }
            )*
        }
    };
}

grid! {
    columns {
        by_us Us
        by_us_with_a_cache UsWithCache
        by_nginx Nginx
        by_apache Apache
        by_apache_or_redirected ApacheOrRedirected
        by_lighttpd Lighttpd
        by_lighttpd_or_redirected LighttpdOrRedirected
        by_lighttpd_without_a_cache LighttpdWithoutCache
        by_caddy Caddy
        by_caddy_without_a_cache CaddyWithoutCache
    }
    rows
    path [Path]
    storage_local [Root]
    storage_remote [S3, Opendal]
    object [RowInRoot, RowInS3, RowWithBytes]
    http [Http, HttpInline]
    made [Bytes, Text, Reader, Stream, Generated]
}
