//! Passwords at rest: Argon2id, in the form that says with which parameters it was made (PHC).

use super::AccountError;
use super::names::composed;
use crate::config::AccountsConfig;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};

/// Longest password that is looked at, bytes.
pub(super) const PASSWORD_BYTES_MAX: usize = 256;

/// Bytes of the salt of each password.
const SALT_BYTES: usize = 16;

/// How passwords are hashed.
#[derive(Clone, Debug)]
pub(super) struct Hashing(Params);

impl Hashing {
    /// As the configuration says, which has been checked.
    ///
    /// # Errors
    /// Parameters that Argon2 does not take.
    pub fn of(config: &AccountsConfig) -> Result<Self, AccountError> {
        let params = Params::new(
            config.argon2_memory_kib,
            config.argon2_passes,
            config.argon2_lanes,
            None,
        );
        params
            .map(Self)
            .map_err(|e| AccountError::Hash(e.to_string()))
    }

    fn argon2(&self) -> Argon2<'static> {
        Argon2::new(Algorithm::Argon2id, Version::V0x13, self.0.clone())
    }

    /// A password as it is kept. Takes about 20 ms and the memory that is set.
    ///
    /// # Errors
    /// No random numbers, or too little memory.
    pub fn hash(&self, password: &str) -> Result<String, AccountError> {
        let failed = |e: argon2::password_hash::Error| AccountError::Hash(e.to_string());
        let mut salt = [0; SALT_BYTES];
        getrandom::fill(&mut salt).map_err(|e| AccountError::Random(e.to_string()))?;
        let salt = SaltString::encode_b64(&salt).map_err(failed)?;
        let typed = composed(password);
        let hash = self.argon2().hash_password(typed.as_bytes(), &salt);
        Ok(hash.map_err(failed)?.to_string())
    }

    /// True where this is the password; takes as long as it was made with.
    pub fn is(&self, password: &str, kept: &str) -> bool {
        let Ok(kept) = PasswordHash::new(kept) else {
            return false;
        };
        let typed = composed(password);
        self.argon2()
            .verify_password(typed.as_bytes(), &kept)
            .is_ok()
    }

    /// True where a password is kept with other parameters than these.
    pub fn is_old(&self, kept: &str) -> bool {
        let Ok(kept) = PasswordHash::new(kept) else {
            return true;
        };
        let same = |p: Params| {
            (p.m_cost(), p.t_cost(), p.p_cost())
                == (self.0.m_cost(), self.0.t_cost(), self.0.p_cost())
        };
        kept.algorithm.as_str() != "argon2id" || !Params::try_from(&kept).is_ok_and(same)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashing(memory_kib: u32) -> Hashing {
        Hashing::of(&AccountsConfig {
            argon2_memory_kib: memory_kib,
            argon2_passes: 1,
            ..AccountsConfig::default()
        })
        .unwrap()
    }

    #[test]
    fn a_password_is_known_again_and_told_to_be_of_old_parameters() {
        let (weak, strong) = (hashing(64), hashing(128));
        let kept = weak.hash("correct horse é").unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{kept}");
        assert!(!kept.contains("horse"));
        assert_ne!(kept, weak.hash("correct horse é").unwrap(), "salted");
        // Whoever hashes with other parameters still knows it.
        assert!(strong.is("correct horse é", &kept));
        assert!(strong.is("correct horse e\u{301}", &kept), "however typed");
        assert!(!strong.is("correct horse", &kept));
        assert!(!weak.is_old(&kept) && strong.is_old(&kept));
        assert!(!strong.is("", "not a hash") && strong.is_old("not a hash"));
    }
}
