//! What each command does.

/// In English and in French.
pub(super) const TEXTS: &[(&str, &str)] = &[
    (
        "Lets a point of sale in the browser talk to Caisse-AP card terminals, and never guesses whether a card was charged",
        "Permet à une caisse dans le navigateur de parler aux terminaux de paiement Caisse-AP, sans jamais deviner si une carte a été débitée",
    ),
    (
        "Show a payment from end to end with a simulated terminal, then stay up for the demo page",
        "Montre un paiement de bout en bout avec un terminal simulé, puis reste ouvert pour la page de démonstration",
    ),
    ("Run the relay", "Lance le relais"),
    (
        "Run the relay with an icon in the panel, or show the icon of the one that runs",
        "Lance le relais avec une icône dans la barre, ou montre l'icône de celui qui tourne",
    ),
    ("Run a simulated terminal", "Lance un terminal simulé"),
    ("Pay through the relay, as a till would", "Paie par le relais, comme le ferait une caisse"),
    (
        "Look at everything that a relay needs, and say what to do; changes nothing",
        "Examine tout ce qu'il faut à un relais et dit quoi faire ; ne change rien",
    ),
    (
        "List the terminals of the relay that runs, or look for others on the network",
        "Liste les terminaux du relais qui tourne, ou en cherche d'autres sur le réseau",
    ),
    (
        "Look for terminals on the network by asking who they are; no money moves",
        "Cherche des terminaux sur le réseau en leur demandant qui ils sont ; aucun argent ne bouge",
    ),
    (
        "Ask a terminal who it is; no money moves",
        "Demande à un terminal qui il est ; aucun argent ne bouge",
    ),
    (
        "Free a terminal that is held by a payment without an answer",
        "Libère un terminal retenu par un paiement resté sans réponse",
    ),
    (
        "Record what a person read on the terminal's ticket of an unknown payment",
        "Note ce qu'une personne a lu sur le ticket du terminal, pour un paiement inconnu",
    ),
    ("Open the relay's own page in the browser", "Ouvre la page du relais dans le navigateur"),
    (
        "Let pages in or keep them out, by their origin",
        "Laisse entrer des pages ou les refuse, selon leur origine",
    ),
    (
        "List the origins that are allowed, refused or waiting",
        "Liste les origines autorisées, refusées ou en attente",
    ),
    (
        "Let the pages of an origin in: https://shop.example",
        "Laisse entrer les pages d'une origine : https://shop.example",
    ),
    ("Keep the pages of an origin out", "Refuse les pages d'une origine"),
    ("Take a decision back", "Revient sur une décision"),
    (
        "Show a code that pairs a till of the network",
        "Affiche un code qui appaire une caisse du réseau",
    ),
    ("The tills of the network that are paired", "Les caisses du réseau qui sont appairées"),
    (
        "List the tills of the network, and what each may do",
        "Liste les caisses du réseau, et ce que chacune peut faire",
    ),
    ("Take back the access of a till", "Retire son accès à une caisse"),
    (
        "Read the record of payments, whether a relay runs or not",
        "Lit le journal des paiements, qu'un relais tourne ou non",
    ),
    ("List payments, oldest first", "Liste les paiements, du plus ancien au plus récent"),
    ("Show one payment", "Montre un paiement"),
    (
        "List what people and the relay did beside the payments: released, despite, late",
        "Liste ce que les personnes et le relais ont fait à côté des paiements : released, despite, late",
    ),
    ("Write every payment to standard output", "Écrit tous les paiements sur la sortie standard"),
    (
        "The certificate that browsers have to trust",
        "Le certificat auquel les navigateurs doivent faire confiance",
    ),
    (
        "Make the browsers of this machine trust the relay",
        "Fait que les navigateurs de cet ordinateur fassent confiance au relais",
    ),
    (
        "Show what each certificate store believes",
        "Montre ce que croit chaque magasin de certificats",
    ),
    (
        "Take the relay's authority out of every store again",
        "Retire l'autorité du relais de tous les magasins",
    ),
    (
        "Show the certificate that browsers have to trust, and the relay's own",
        "Montre le certificat auquel les navigateurs doivent faire confiance, et celui du relais",
    ),
    (
        "Make a new certificate for the relay, signed by the same authority",
        "Fait un nouveau certificat pour le relais, signé par la même autorité",
    ),
    (
        "Destroy the authority's key: nobody can sign in its name any more, the relay included",
        "Détruit la clé de l'autorité : plus personne ne peut signer en son nom, pas même le relais",
    ),
    (
        "What managed browsers are told, so that they let the allowed pages reach the relay",
        "Ce qui est dit aux navigateurs administrés, pour qu'ils laissent les pages autorisées joindre le relais",
    ),
    (
        "Let the pages of `allow_origins`, and no others, reach the relay without a question",
        "Laisse les pages de `allow_origins`, et aucune autre, joindre le relais sans question",
    ),
    ("Show what each browser is told", "Montre ce qui est dit à chaque navigateur"),
    ("Take the policies away again", "Retire les règles"),
    (
        "What starts the relay by itself, with the machine or with a person's session",
        "Ce qui lance le relais tout seul, avec l'ordinateur ou avec la session d'une personne",
    ),
    ("Start the relay by itself from now on", "Lance désormais le relais tout seul"),
    ("Show what starts it", "Montre ce qui le lance"),
    ("Start it by itself no more", "Ne le lance plus tout seul"),
    ("Say whether there is a newer relay", "Dit s'il existe un relais plus récent"),
    (
        "Ask the configured place whether there is a newer relay; nothing is downloaded or installed",
        "Demande à l'adresse configurée s'il existe un relais plus récent ; rien n'est téléchargé ni installé",
    ),
    (
        "Make a diagnosis for who helps: one file without cards and secrets",
        "Fait un diagnostic pour la personne qui aide : un fichier sans cartes ni secrets",
    ),
    (
        "Print this message or the help of the given subcommand(s)",
        "Affiche ce message, ou l'aide des commandes nommées",
    ),
];
