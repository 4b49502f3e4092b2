"""Tell a story again with other names and things, so that only the request says which it must be.

A small model that meets every story once learns its opening by heart and tells of Lily whoever was asked for. Where the
same story comes with a fox, then with an owl, it has to look at the question.
"""

from __future__ import annotations

import random
import re

GIRLS = """
    Lily Anna Mia Sue Emma Lucy Ella Rose Amy Molly Sara Kate Nina Jane Zoe Ruby Daisy Grace Eva Clara Maya Nora Tina
    Bella Polly Ida Lena Iris Hanna Wendy June Fay Olga Mina
""".split()
BOYS = """
    Tim Tom Ben Max Sam Jack Leo Bob Joe Dan Finn Alex Pete Luke Oscar Henry Noah Adam Paul Mark Billy Hugo Felix Otto
    Carl Toby Eli Ned Ralph Simon Peter Theo Ivan Omar
""".split()
CLASSES = (  # what may stand for each other; all with plain plurals, so that the story stays whole
    """cat dog bird bear rabbit frog duck horse cow pig lion monkey elephant fox owl turtle squirrel hen goat tiger
    bunny puppy kitten dragon snail crab whale bee ant spider parrot penguin hedgehog raccoon zebra giraffe""".split(),
    """ball doll kite truck drum balloon boat bike car robot puzzle teddy rocket wagon sled train plane""".split(),
    """cake cookie pie apple banana sandwich pizza pancake cupcake carrot pear lollipop orange pumpkin lemon""".split(),
    """hat coat scarf ring necklace bell key coin button ribbon box basket bag cup lamp book mirror umbrella""".split(),
    """park garden forest farm field meadow lake river pond school village market castle jungle""".split(),
    """flower tree bush mushroom seed leaf""".split(),
    """princess queen fairy witch mermaid""".split(),
    """prince king knight pirate wizard""".split(),
)
SHARE = 0.85  # of the tellings


def recast(story: str, choose: random.Random) -> str:
    """The story with other names, and with another of each kind of thing it is about; sometimes as it was."""
    if choose.random() > SHARE:
        return story
    return _with_things(_with_names(story, choose), choose)


def _with_names(story: str, choose: random.Random) -> str:
    present = set(re.findall(r"\b[A-Z][a-z]+\b", story))
    for names in (GIRLS, BOYS):
        free = [name for name in names if name not in present]
        choose.shuffle(free)
        for old in sorted(present & set(names)):
            story = re.sub(rf"\b{old}\b", free.pop(), story)
    return story


def _with_things(story: str, choose: random.Random) -> str:
    words = set(re.findall(r"[a-z]+", story.lower()))
    for kind in CLASSES:
        free = [noun for noun in kind if noun not in words and plural(noun) not in words]
        choose.shuffle(free)
        for old in sorted(words & set(kind))[:2]:
            if free:
                story = _replaced(story, old, free.pop())
    return story


def _replaced(story: str, old: str, new: str) -> str:
    article = "an" if new[0] in "aeiou" else "a"
    for was, now in ((plural(old), plural(new)), (old, new)):
        story = re.sub(rf"\b(a|an) {was}\b", f"{article} {now}", story)
        story = re.sub(rf"\b(A|An) {was}\b", f"{article.capitalize()} {now}", story)
        story = re.sub(rf"\b{was}\b", now, story)
        story = re.sub(rf"\b{was.capitalize()}\b", now.capitalize(), story)
    return story


def plural(noun: str) -> str:
    if noun.endswith(("s", "x", "ch", "sh")):
        return f"{noun}es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return f"{noun[:-1]}ies"
    return "leaves" if noun == "leaf" else f"{noun}s"
