/// `toml` says "unknown field `x`, expected one of `a`, `b`"; people want `b`.
pub(super) fn with_nearest_name(message: &str) -> String {
    let Some(rest) = message.strip_prefix("unknown field `") else { return message.to_owned() };
    let mut names = rest.split('`').step_by(2);
    let unknown = names.next().unwrap_or_default();
    let distance = |name: &&str| strsim::damerau_levenshtein(name, unknown);
    match names.filter(|name| !name.is_empty()).min_by_key(distance) {
        Some(nearest) if distance(&nearest) <= nearest.len() / 2 => {
            format!("unknown key `{unknown}`; did you mean `{nearest}`?")
        }
        _ => format!("unknown key `{unknown}`"),
    }
}
