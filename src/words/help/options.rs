//! What each option and each argument means, and what its value is called.

/// In English and in French.
pub(super) const TEXTS: &[(&str, &str)] = &[
    (
        "The configuration file; without it, the platform's, or the defaults where there is none",
        "Le fichier de configuration ; sans lui, celui du système, ou les valeurs par défaut s'il n'y en a pas",
    ),
    (
        "Where the journal and the certificate are kept, instead of what the configuration says",
        "Où sont gardés le journal et le certificat, au lieu de ce que dit la configuration",
    ),
    ("One JSON object a line", "Un objet JSON par ligne"),
    ("What is logged, on standard error", "Ce qui est noté sur la sortie d'erreur"),
    ("Print help", "Affiche cette aide"),
    ("Print version", "Affiche la version"),
    // What most commands take.
    (
        "The relay's address, instead of what the configuration says",
        "L'adresse du relais, au lieu de ce que dit la configuration",
    ),
    (
        "The certificate to trust, instead of the one in the data folder",
        "Le certificat auquel faire confiance, au lieu de celui du dossier de données",
    ),
    (
        "The language of the sentences, instead of what the configuration says",
        "La langue des phrases, au lieu de ce que dit la configuration",
    ),
    // demo, run, tray
    (
        "Stop after the payment; exit 0 when it was approved",
        "S'arrête après le paiement ; code de sortie 0 s'il est accepté",
    ),
    (
        "Where tills connect, instead of 127.0.0.1:9443 or, where that is taken, any port",
        "Où les caisses se connectent, au lieu de 127.0.0.1:9443 ou, s'il est pris, d'un port quelconque",
    ),
    (
        "Where tills connect, instead of what the configuration says",
        "Où les caisses se connectent, au lieu de ce que dit la configuration",
    ),
    // simulate
    (
        "Where tills connect to the terminal; port 0 lets the system choose",
        "Où les caisses se connectent au terminal ; avec le port 0, le système choisit",
    ),
    (
        "Append every charge to this file, a JSON object a line",
        "Ajoute chaque débit à ce fichier, un objet JSON par ligne",
    ),
    (
        "What the terminal does, as TOML; see --example",
        "Ce que fait le terminal, en TOML ; voir --example",
    ),
    (
        "Show the terminal as a page at this loopback address, where a person decides",
        "Montre le terminal comme une page à cette adresse de bouclage, où une personne décide",
    ),
    ("Print an example script and end", "Affiche un exemple de script et s'arrête"),
    // pay
    (
        "The terminal's name; may be left out where there is one",
        "Le nom du terminal ; inutile quand il n'y en a qu'un",
    ),
    ("The amount, such as 12.50", "Le montant, comme 12.50"),
    ("Three letters of ISO 4217", "Trois lettres d'ISO 4217"),
    ("Pay the customer back", "Rembourse le client"),
    (
        "Undo the last debit, where the terminal knows how",
        "Annule le dernier débit, si le terminal sait le faire",
    ),
    ("With what the customer pays", "Avec quoi le client paie"),
    (
        "The merchant's reference, printable ASCII",
        "La référence du commerçant, en ASCII imprimable",
    ),
    ("Ask for the ticket's text", "Demande le texte du ticket"),
    ("Accept that less is paid", "Accepte qu'il soit payé moins"),
    ("The till's number, 01 to 99", "Le numéro de la caisse, de 01 à 99"),
    (
        "Pay although the payment with this id, for the same reference, is in doubt",
        "Paie malgré le doute sur le paiement de cet identifiant, qui a la même référence",
    ),
    (
        "Seconds to wait for the terminal's answer",
        "Combien de secondes attendre la réponse du terminal",
    ),
    (
        "The payment's id; one is made without it. The same id is the same payment",
        "L'identifiant du paiement ; sans lui, un nouveau. Le même identifiant est le même paiement",
    ),
    // doctor, terminals, release, resolve
    (
        "This network instead of this computer's own, 1024 addresses at most",
        "Ce réseau au lieu de celui de cet ordinateur, 1024 adresses au plus",
    ),
    ("Who has looked at the terminal", "Qui a regardé le terminal"),
    ("The payment's id", "L'identifiant du paiement"),
    ("Whether the ticket says that it was done", "Si le ticket dit que c'est fait"),
    ("Who read it", "Qui l'a lu"),
    ("What else there is to say", "Ce qu'il y a d'autre à dire"),
    // page, origins, pair, tills
    (
        "Print the page's address, good once and for a minute, and open nothing",
        "Affiche l'adresse de la page, qui sert une fois et dans la minute, et n'ouvre rien",
    ),
    (
        "The name that the till will have; without one, the till says it",
        "Le nom qu'aura la caisse ; sans lui, c'est elle qui le dit",
    ),
    (
        "The terminals that it may use; without a list, all",
        "Les terminaux dont elle peut se servir ; sans liste, tous",
    ),
    (
        "What it may do: debit, refund, cancellation, settle, exchange; without a list, everything",
        "Ce qu'elle peut faire : debit, refund, cancellation, settle, exchange ; sans liste, tout",
    ),
    (
        "Show the code and leave, instead of waiting for the till",
        "Affiche le code et s'arrête, au lieu d'attendre la caisse",
    ),
    // journal
    ("Only those in this state", "Seulement ceux dans cet état"),
    ("Only those after this number", "Seulement ceux après ce numéro"),
    ("At most this many, the last ones", "Au plus autant, les derniers"),
    ("Its id", "Son identifiant"),
    (
        "As a table, or as one JSON object a line",
        "Comme un tableau, ou comme un objet JSON par ligne",
    ),
    // certs, browser-policy, service
    (
        "Only this one; may be repeated. `certs status` lists them",
        "Seulement celui-ci ; peut être répété. `certs status` les liste",
    ),
    (
        "With a new authority, which every browser then has to be told to trust",
        "Avec une nouvelle autorité, à laquelle il faut ensuite que chaque navigateur fasse confiance",
    ),
    ("Without a question", "Sans question"),
    (
        "Only this one, even if it is not on this machine; may be repeated",
        "Seulement celui-ci, même s'il n'est pas sur cet ordinateur ; peut être répété",
    ),
    (
        "Only this one; may be repeated. `service status` lists them",
        "Seulement celle-ci ; peut être répété. `service status` les liste",
    ),
    (
        "With the machine, without anybody logged in; the data is then in a folder of its own",
        "Avec l'ordinateur, sans que personne n'ouvre de session ; les données sont alors dans un dossier à part",
    ),
    // bundle
    (
        "Where to put it, instead of the folder of downloads",
        "Où le mettre, au lieu du dossier des téléchargements",
    ),
];

/// What stands for a value, in English and in French.
pub(super) const VALUES: &[(&str, &str)] = &[
    ("FILE", "FICHIER"),
    ("DIR", "DOSSIER"),
    ("ADDR", "ADRESSE"),
    ("LEVEL", "NIVEAU"),
    ("NAME", "NOM"),
    ("NAME,…", "NOM,…"),
    ("WORD,…", "MOT,…"),
    ("AMOUNT", "MONTANT"),
    ("CURRENCY", "DEVISE"),
    ("REFERENCE", "RÉFÉRENCE"),
    ("REGISTER", "NUMÉRO"),
    ("TIMEOUT", "SECONDES"),
    ("BY", "QUI"),
    ("ORIGIN", "ORIGINE"),
    ("TILL", "CAISSE"),
    ("STATE", "ÉTAT"),
    ("SINCE", "NUMÉRO"),
    ("LIMIT", "NOMBRE"),
];
