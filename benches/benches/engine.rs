//! `cargo bench -p chengtu-benches [-- index stream roads city_roads hotspots]`: measures and prints tables in Markdown.

fn main() {
    // cargo itself passes `--bench`.
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| !a.starts_with('-'))
        .collect();
    chengtu_benches::run(&wanted);
}
