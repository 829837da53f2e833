use crate::config::Config;
use std::collections::BTreeMap;

/// Each section of a configuration with a digest of what it says, under a `secret`: the digest tells whether a section is
/// the same as before, and nothing of its content, not even to whoever guesses at its tokens.
pub fn digests(config: &Config, secret: &[u8; 32]) -> Vec<(String, String)> {
    let all = toml::Table::try_from(config).unwrap_or_default();
    let digest = |(name, section): (String, toml::Value)| {
        let hash = blake3::keyed_hash(secret, section.to_string().as_bytes());
        let hex = hash.to_hex();
        (name, hex[..16].to_owned())
    };
    all.into_iter().map(digest).collect()
}

/// Sections that are not as they were before, by name; all of them where nothing was known.
pub fn changed(before: &BTreeMap<String, String>, now: &[(String, String)]) -> Vec<String> {
    let differs = |(name, digest): &&(String, String)| before.get(name) != Some(digest);
    let mut changed: Vec<String> = now.iter().filter(differs).map(|d| d.0.clone()).collect();
    let gone = before.keys().filter(|n| !now.iter().any(|d| d.0 == **n));
    changed.extend(gone.cloned());
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_that_differs_is_named_and_its_digest_says_nothing_without_the_secret() {
        let mut config = Config::default();
        let before = digests(&config, &[1; 32]);
        assert!(before.len() >= 10, "{before:?}");
        let known: BTreeMap<String, String> = before.iter().cloned().collect();
        assert_eq!(changed(&known, &before), Vec::<String>::new());
        assert_eq!(changed(&BTreeMap::new(), &before).len(), before.len());
        config.log.keep_days = 90;
        config.notice = "演示".to_owned();
        let now = digests(&config, &[1; 32]);
        assert_eq!(changed(&known, &now), ["log", "notice"]);
        let other = digests(&config, &[2; 32]);
        assert!(now.iter().zip(&other).all(|(a, b)| a.1 != b.1));
        // A section that a newer program had.
        let mut known = known;
        known.insert("later".to_owned(), "00".to_owned());
        assert_eq!(changed(&known, &now), ["log", "notice", "later"]);
    }
}
