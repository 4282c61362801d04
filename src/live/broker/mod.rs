//! Streams of publications, presence, and who carries them to other nodes.
