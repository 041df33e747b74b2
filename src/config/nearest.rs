use crate::words::Mistake;

/// `toml` says "unknown field `x`, expected one of `a`, `b`"; people want `b`.
pub(super) fn with_nearest_name(message: &str) -> Mistake {
    let Some(rest) = message.strip_prefix("unknown field `") else {
        return Mistake::Said { text: message.into() };
    };
    let mut names = rest.split('`').step_by(2);
    let unknown = names.next().unwrap_or_default();
    let distance = |name: &&str| strsim::damerau_levenshtein(name, unknown);
    let nearest = names.filter(|name| !name.is_empty()).min_by_key(distance);
    let near = nearest.filter(|nearest| distance(nearest) <= nearest.len() / 2);
    Mistake::UnknownKey { key: unknown.into(), nearest: near.map(Into::into) }
}
