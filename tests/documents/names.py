"""Invented names in several scripts, as they would be printed. Given names and surnames are shuffled freely."""

SURNAMES: tuple[str, ...] = (
    "Eriksson", "Müller", "Ødegård", "Åström", "Núñez", "García-Lorca", "O'Connor", "Mac Aodha", "D'Angelo",
    "van der Müellen", "de la Cruz Montoya", "Österreicher", "Groß", "Łukasiewicz", "Dvořák", "Škvorecký", "Kovačević",
    "Nagy", "Szőke", "Ionescu", "Țepeș", "Yılmaz", "Çelik", "Þórsson", "Ægisdóttir", "Ng", "Li", "Oh", "Nguyen", "Trần",
    "Suzuki", "Okonkwo", "Adébáyò", "N'Diaye", "Ben Salah", "Abdulrahman", "Haddad", "Kaur", "Iyer", "Perera",
    "Сидоренко", "Іваненко", "Щербакова", "Юрьев", "Жуковский", "الحسن", "محمود",
    "Wolfeschlegelsteinhausenbergerdorff", "Papandreopoulou-Konstantinidou", "Featherstonehaugh Cholmondeley",
)  # fmt: skip
GIVEN: tuple[str, ...] = (
    "Anna Maria", "Jörg", "Åse", "Zoë", "José Ramón", "Siobhán", "Jean-Luc", "Łucja", "Jiří", "Željko", "Eszter", "Ștefan",
    "Gülşen", "Björk", "Ævar", "Ming Lo", "Qi", "Minh Anh", "Haruka", "Chidi", "Aïssatou", "Fatima Zahra", "Ali", "Priya",
    "Олена", "Сергій", "Юлия", "Фёдор", "أحمد", "ليلى", "", "Maximilian Alexander Ferdinand", "Ana Carolina Beatriz Isabel",
    "Konstantinos-Panagiotis", "X Æ",
)  # fmt: skip
