use super::Pack;
use serde::Deserialize;

/// What of a pack's `city.toml` names it.
#[derive(Deserialize)]
struct Names {
    name: String,
}

impl Pack {
    /// Name of the city whose files lie in the folder on this machine, in its own language; `None` without a
    /// folder, or if its file gives no name. Reads `city.toml`.
    pub fn city_name(&self) -> Option<String> {
        let text = std::fs::read_to_string(self.folder.as_ref()?.join("city.toml")).ok()?;
        toml::from_str::<Names>(&text).ok().map(|n| n.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(folder: Option<&str>) -> Option<String> {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/");
        let folder = folder.map(|f| format!("{root}{f}").into());
        let pack = Pack {
            folder,
            ..Pack::default()
        };
        pack.city_name()
    }

    #[test]
    fn a_pack_on_this_machine_has_the_name_of_its_city() {
        assert_eq!(of(Some("nanjing")).as_deref(), Some("南京"));
        assert_eq!(of(Some("rhythm")), None, "no pack");
        assert_eq!(of(None), None);
    }
}
