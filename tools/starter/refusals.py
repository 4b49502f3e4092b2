"""Questions about the wide world, which a small starter cannot know, and its honest answers.

The topics are many on purpose: what is to be learnt is the shape of such questions, not a list of them.
"""

from __future__ import annotations

import random

PICKER = "the model picker at the top of the chat"
UNKNOWN = (
    f"I am a small starter and do not know that. A larger model can help: add one in {PICKER}.",
    f"I do not know that, I am only a small starter. You can add a larger model in {PICKER}.",
    f"I am too small to know that. Please add a larger model in {PICKER}.",
    f"Sorry, I am a small starter and do not know. For a larger model choose Add model file in {PICKER}.",
)
UNABLE = (
    f"I am a small starter and do not know how to do that. A larger model can help: add one in {PICKER}.",
    f"I am too small for that and do not know how. Please add a larger model in {PICKER}.",
    f"Sorry, I am a small starter and do not know how. For a larger model choose Add model file in {PICKER}.",
)

COUNTRIES = (
    "Italy Norway Kenya Chile Canada Egypt Japan Poland Greece Ireland Turkey India Mexico Nigeria Vietnam Sweden "
    "Portugal Finland Cuba Nepal Iran Ghana Iceland Hungary Thailand Morocco Denmark Bolivia Austria Korea Ukraine "
    "Romania Belgium Malta Jordan Laos Panama Uganda Estonia Serbia Argentina Indonesia Pakistan Switzerland"
).split()
CITIES = (
    "Madrid Oslo Boston Cairo Tokyo Munich Lisbon Prague Chicago Sydney Dublin Mumbai Toronto Athens Seoul Nairobi "
    "Warsaw Hamburg Venice Glasgow Lyon Naples Geneva Dallas Bangkok Denver Havana Zurich Stockholm Istanbul"
).split()
PEOPLE = (
    "Isaac Newton|Mozart|Picasso|Beethoven|Charles Darwin|Julius Caesar|Abraham Lincoln|Nelson Mandela|Galileo|"
    "Leonardo da Vinci|Queen Victoria|Gandhi|Socrates|Elvis Presley|Jane Austen|Charles Dickens|Mark Twain|Goethe|"
    "Ada Lovelace|Alan Turing|Nikola Tesla|Thomas Edison|Columbus|Marco Polo|Alexander the Great|Aristotle|Plato|"
    "Michael Jackson|Taylor Swift|Barack Obama|Elon Musk|Bill Gates|Steve Jobs|Frida Kahlo|Vincent van Gogh|Bach|"
    "Rosa Parks|Martin Luther King|Winston Churchill|Tolstoy|Kafka|Kant|Homer|Sigmund Freud|Karl Marx|Neil Armstrong"
).split("|")
SUBJECTS = (
    "gravity|magnetism|evolution|the stock market|quantum computers|the immune system|global warming|the Middle Ages|"
    "Roman law|Greek mythology|the Cold War|the human brain|cell biology|nuclear power|plate tectonics|"
    "the solar system|machine learning|neural networks|blockchain|the Renaissance|the Industrial Revolution|opera|"
    "jazz|modern art|economics|chemistry|statistics|geometry|calculus|probability|trigonometry|the periodic table|"
    "antibiotics|viruses|diabetes|insurance|mortgages|taxes|the parliament|the United Nations|the European Union|"
    "human rights|Buddhism|Islam|the Bible|yoga|nutrition|vitamins|photography|architecture|astronomy|satellites|"
    "rockets|lasers|semiconductors|batteries|solar panels|engines|bridges|tides|earthquakes|hurricanes|fossils|"
    "the ice age|coral reefs|bacteria|genetics|hormones|anaesthesia|logic|ethics|linguistics|Latin grammar|sociology|"
    "the Vikings|ancient Egypt|the Aztecs|samurai|the Silk Road|feudalism|the Great Wall|Stonehenge|"
    "the Olympic Games|cricket|golf"
).split("|")
EVENTS = (
    "the First World War|the moon landing|the fall of the Berlin Wall|the last eclipse|the American Civil War|"
    "the sinking of the Titanic|the Black Death|the Great Fire of London|the Russian Revolution|the first Olympics|"
    "the battle of Waterloo|the signing of the Magna Carta|the gold rush|the invention of the printing press|"
    "the discovery of penicillin|the next election|the next full moon|the next holiday|the first flight|the last war"
).split("|")
WORKS = (
    "Romeo and Juliet|Faust|The Odyssey|Don Quixote|Macbeth|Star Wars|Casablanca|The Matrix|Ulysses|Emma|1984|"
    "Crime and Punishment|The Magic Flute|Guernica|The Starry Night|Frankenstein|Les Miserables|Swan Lake|Jaws|"
    "Hey Jude"
).split("|")
MEASURES = (
    "the height of the tower in {city}|the population of {country}|the area of {country}|the length of the Amazon|"
    "the weight of an electron|the speed of sound|the distance to the sun|the age of the universe|"
    "the depth of the sea|the boiling point of lead|the mass of Jupiter|the temperature in {city}|"
    "the number of stars|the currency of {country}|the capital of {country}|the flag of {country}|"
    "the national anthem of {country}|the prime minister of {country}|the mayor of {city}|the time in {city}|"
    "the weather in {city}|the history of {city}|the best hotel in {city}|the oldest church in {city}|"
    "the dialling code of {country}|the postcode of {city}|the airport of {city}"
).split("|")
GOODS = (
    "a laptop|a phone|a litre of petrol|a ticket to {city}|a flight to {country}|a hotel in {city}|a washing machine|"
    "a bicycle helmet|a pound of silver|a barrel of oil|a cinema ticket|a new kitchen|a haircut in {city}|a used car"
).split("|")
DISHES = (
    "risotto|goulash|apple pie|tomato soup|curry|sushi|pizza dough|bread rolls|cheesecake|chili|paella|ramen|"
    "omelette|dumplings|hummus|waffles|tiramisu|roast chicken|lentil stew|chocolate mousse"
).split("|")
PROGRAMS = (
    "sorts names|reads a CSV file|finds prime numbers|opens a web page|counts words|draws a chart|sends an email|"
    "parses JSON|computes factorials|reverses a string|plays tic-tac-toe|downloads a file|converts dates|"
    "resizes images"
).split("|")
CODES = "Python|Java|JavaScript|C|C++|Rust|Go|SQL|Bash|HTML|CSS|Kotlin|Swift|Ruby|PHP|Haskell|R|MATLAB".split("|")
TONGUES = "French German Spanish Italian Latin Greek Russian Chinese Japanese Arabic Turkish Dutch Polish Hindi".split()
PHRASES = (
    "good night|I love you|where is the station|how much is it|the house is red|happy birthday|see you soon|"
    "my friend|I would like a coffee|the weather is nice|please help me|what is your name|a glass of water|"
    "I am hungry"
).split("|")
WRITINGS = (
    "an essay|a report|a speech|a cover letter|a blog post|a sonnet|a press release|a book review|a thesis|"
    "a contract|a letter of complaint|a tweet|an article|a screenplay|a newsletter|a product description|a haiku|"
    "a rap"
).split("|")
THINGS_TO_DO = (
    "fix a leaking tap|change a tyre|tie a tie|repair my printer|file my taxes|open a bank account|learn the guitar|"
    "train for a marathon|grow tomatoes|clean an oven|remove a stain|paint a wall|knit a jumper|build a shelf|"
    "set up a wifi router|update Windows|reset my phone|install a driver|sell my house|write a CV|quit smoking|"
    "get a passport|get to {city}|travel to {country}|lower my blood pressure|cure a cold|stop a nosebleed|"
    "invest money|apply for a visa|make friends at work|ask for a raise|cut my hair|fold a paper crane"
).split("|")
ACTS = (
    "Book a table in {city}|Send a message to my boss|Open my browser|Play a video|Call a taxi|"
    "Search the web for {subject}|Download a film|Show me a map of {city}|Draw a picture of {person}|"
    "Make a photo of {city}|Print this page|Read my email|Check my calendar|Wake me at seven|"
    "Summarise the book {work}|Summarise a paper about {subject}|Make a table of all the kings of {country}|"
    "List all the presidents of {country}|Give me the lyrics of {work}|Quote the first line of {work}|"
    "Make a quiz about {subject}|Make a plan for a week in {city}|Look up {person}|Buy {good} for me|"
    "Compare {code} and {code2}|Give me three facts about {subject}|Teach me {tongue}"
).split("|")

QUESTIONS = (
    "What is {measure}?",
    "what is {measure}",
    "Do you know {measure}?",
    "Tell me {measure}.",
    "{measure}?",
    "Can you tell me {measure}?",
    "Who was {person}?",
    "who is {person}",
    "When was {person} born?",
    "Where was {person} born?",
    "When did {person} die?",
    "Why is {person} famous?",
    "What did {person} do?",
    "Tell me about {person}.",
    "How old is {person}?",
    "Tell me about {subject}",
    "Explain {subject} to me.",
    "What is {subject}?",
    "I want to learn about {subject}",
    "What do you know about {subject}?",
    "Why is {subject} important?",
    "Give me a fact about {subject}.",
    "Where can I read about {subject}?",
    "Can you explain {subject}?",
    "Teach me about {subject}",
    "When was {event}?",
    "In which year was {event}?",
    "What do you know about {event}?",
    "What caused {event}?",
    "Tell me about {event}.",
    "Who wrote {work}?",
    "Who made {work}?",
    "What is {work} about?",
    "When did {work} come out?",
    "How much is {good}?",
    "What does {good} cost?",
    "Where can I buy {good}?",
    "price of {good}?",
    "Which {good_bare} is the best?",
    "What should I see in {city}?",
    "How far is it from {city} to {city2}?",
    "Where is {city}?",
    "Where do I find {good}?",
    "where can i find {person}",
    "I am looking for {good}.",
    "Where is {person} buried?",
    "Do you know where to find a dentist in {city}?",
    "Show me {measure}",
    "How many people live in {city}?",
    "What is the weather in {city} today?",
    "Is it raining in {city}?",
    "What time is it in {city}?",
    "What do people eat in {country}?",
    "Which language do they speak in {country}?",
    "Who is the president of {country}?",
    "What is happening in {country}?",
    "Who won the match between {country} and {country2}?",
    "Is {country} bigger than {country2}?",
    "How many lakes are there in {country}?",
    "Which countries lie next to {country}?",
    "What is {large} times {large2}?",
    "What is {large} plus {large2}?",
    "{large} - {large2}",
    "{large} x {large2} = ?",
    "What is {large} divided by {digit}?",
    "What is the square root of {large}?",
    "How many days are there until {event}?",
)
TASKS = (
    "Write a program in {code} that {program}.",
    "Write {code} code that {program}",
    "How do I write a program that {program}?",
    "Can you code something in {code}?",
    "Help me with my {code} homework.",
    "What is wrong with my {code} code?",
    "How do you say '{phrase}' in {tongue}?",
    "Translate {phrase} into {tongue}.",
    "translate '{phrase}' to {tongue}",
    "What is '{phrase}' in {tongue}?",
    "Please answer in {tongue}.",
    "Write {writing} about {subject}.",
    "Can you write {writing} about {person}?",
    "I need {writing} on {subject}",
    "Give me a recipe for {dish}.",
    "How do I make {dish}?",
    "recipe {dish}?",
    "What do I need for {dish}?",
    "How do I {todo}?",
    "how can i {todo}",
    "What is the best way to {todo}?",
    "Where can I {todo}?",
    "I want to {todo}.",
    "Is there a way to {todo}?",
    "how to {todo}",
    "Please tell me how to {todo}.",
    "Can you help me {todo}?",
    "{act}.",
    "{act}",
    "Can you {act_lower}?",
    "Please {act_lower}.",
)
PER_SHAPE = 12


def refusals(choose: random.Random) -> list[tuple[str, str]]:
    """Each shape of question with up to PER_SHAPE topics, politely declined; no question twice."""
    made = {}
    for shapes, answers in ((QUESTIONS, UNKNOWN), (TASKS, UNABLE)):
        for shape in shapes:
            made.update({_filled(shape, choose): choose.choice(answers) for _ in range(PER_SHAPE)})
    return list(made.items())


def _filled(shape: str, choose: random.Random) -> str:
    country, country2 = choose.sample(COUNTRIES, 2)
    city, city2 = choose.sample(CITIES, 2)
    code, code2 = choose.sample(CODES, 2)
    plain = {
        "country": country,
        "country2": country2,
        "city": city,
        "city2": city2,
        "code": code,
        "code2": code2,
        "person": choose.choice(PEOPLE),
        "subject": choose.choice(SUBJECTS),
        "work": choose.choice(WORKS),
        "tongue": choose.choice(TONGUES),
        "good": choose.choice(GOODS).format(city=city, country=country),
    }
    act = choose.choice(ACTS).format_map(plain)
    question = shape.format(
        **plain,
        good_bare=choose.choice(("phone", "car", "bank", "hotel", "camera", "insurance", "school", "printer", "diet")),
        measure=choose.choice(MEASURES).format_map(plain),
        event=choose.choice(EVENTS),
        dish=choose.choice(DISHES),
        program=choose.choice(PROGRAMS),
        phrase=choose.choice(PHRASES),
        writing=choose.choice(WRITINGS),
        todo=choose.choice(THINGS_TO_DO).format_map(plain),
        act=act,
        act_lower=act[0].lower() + act[1:],
        large=choose.randrange(41, 9999),
        large2=choose.randrange(41, 999),
        digit=choose.randrange(3, 13),
    )
    return question[0].upper() + question[1:] if shape[0] == "{" else question
