"""What the starter is taught to know for certain, as tables: words, numbers, animals, common sense."""

from __future__ import annotations

NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
).split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = "January February March April May June July August September October November December".split()
SEASONS = "spring summer autumn winter".split()

OPPOSITES = """
    hot-cold big-small up-down in-out open-closed happy-sad day-night black-white wet-dry fast-slow old-new loud-quiet
    long-short full-empty hard-soft light-dark good-bad clean-dirty rich-poor early-late first-last left-right
    high-low near-far strong-weak thick-thin true-false sweet-sour brave-cowardly front-back inside-outside above-below
    begin-end win-lose give-take push-pull come-go love-hate laugh-cry start-stop buy-sell ask-answer always-never
    before-after yes-no more-less same-different easy-difficult friend-enemy wide-narrow asleep-awake kind-mean
    smooth-rough sharp-blunt safe-dangerous beautiful-ugly lost-found summer-winter morning-evening top-bottom
    warm-cool alive-dead north-south east-west sunrise-sunset remember-forget rise-fall
"""
SOUNDS = """
    cow-moo dog-woof cat-meow duck-quack sheep-baa pig-oink horse-neigh lion-roar mouse-squeak owl-hoot bee-buzz
    snake-hiss frog-ribbit rooster-cock-a-doodle-doo donkey-hee-haw wolf-howl bird-tweet chicken-cluck goat-maa
    crow-caw turkey-gobble
"""
YOUNG = """
    dog-puppy cat-kitten cow-calf horse-foal sheep-lamb hen-chick duck-duckling pig-piglet goat-kid lion-cub bear-cub
    frog-tadpole goose-gosling deer-fawn owl-owlet swan-cygnet kangaroo-joey fox-cub
"""
HOMES = """
    bird-nest bee-hive dog-kennel spider-web fish-water rabbit-burrow bear-den horse-stable pig-sty king-castle
    frog-pond cow-barn
"""
PLURALS = """
    cat-cats dog-dogs tree-trees house-houses box-boxes fox-foxes bus-buses dish-dishes baby-babies city-cities
    story-stories berry-berries leaf-leaves wolf-wolves knife-knives child-children man-men woman-women foot-feet
    tooth-teeth mouse-mice goose-geese sheep-sheep fish-fish book-books car-cars star-stars boat-boats flower-flowers
    friend-friends puppy-puppies cherry-cherries butterfly-butterflies shelf-shelves loaf-loaves kiss-kisses
    brush-brushes peach-peaches potato-potatoes tomato-tomatoes toy-toys key-keys monkey-monkeys day-days deer-deer
    ox-oxen bench-benches glass-glasses cup-cups apple-apples party-parties lady-ladies elf-elves bird-birds
"""
PASTS = """
    go-went run-ran eat-ate see-saw sing-sang sleep-slept walk-walked jump-jumped play-played give-gave take-took
    come-came make-made find-found say-said fly-flew swim-swam drink-drank write-wrote read-read buy-bought
    think-thought sit-sat stand-stood fall-fell break-broke begin-began know-knew grow-grew throw-threw laugh-laughed
    help-helped look-looked hide-hid ride-rode wake-woke tell-told feel-felt catch-caught bring-brought
"""
RHYMES = (
    "cat hat mat bat rat",
    "dog log frog fog",
    "sun run fun bun",
    "tree bee sea knee",
    "house mouse",
    "star car jar far",
    "ball tall wall fall",
    "light night kite bright",
    "king ring sing wing",
    "boat goat coat",
    "moon spoon soon",
    "cake lake snake",
    "rain train",
    "bear chair hair pear",
    "sock rock clock",
    "fish dish wish",
    "day play hay way",
    "bed red head",
    "pig big wig dig",
    "nose rose toes",
    "sky fly pie",
    "hen pen ten men",
    "bug hug mug rug",
    "book look cook",
    "snow go toe",
    "cap map nap tap",
    "hand sand land",
)
COLOUR_OF = (
    ("the sky", "blue"),
    ("grass", "green"),
    ("the sun", "yellow"),
    ("snow", "white"),
    ("a banana", "yellow"),
    ("a strawberry", "red"),
    ("a carrot", "orange"),
    ("milk", "white"),
    ("a lemon", "yellow"),
    ("a tomato", "red"),
    ("a frog", "green"),
    ("coal", "black"),
    ("the sea", "blue"),
    ("a leaf", "green"),
    ("an orange", "orange"),
    ("a pig", "pink"),
    ("chocolate", "brown"),
    ("an elephant", "grey"),
    ("blood", "red"),
    ("a polar bear", "white"),
    ("a cherry", "red"),
    ("a crow", "black"),
    ("the night", "black"),
    ("a swan", "white"),
    ("a pea", "green"),
    ("a cloud", "white"),
)
MIXED = (
    ("red", "yellow", "orange"),
    ("blue", "yellow", "green"),
    ("red", "blue", "purple"),
    ("black", "white", "grey"),
    ("red", "white", "pink"),
)
LEGS = (
    ("a dog", 4),
    ("a cat", 4),
    ("a horse", 4),
    ("a cow", 4),
    ("a bird", 2),
    ("a duck", 2),
    ("a spider", 8),
    ("an ant", 6),
    ("a bee", 6),
    ("a snake", 0),
    ("a fish", 0),
    ("a hen", 2),
    ("a frog", 4),
    ("an elephant", 4),
    ("a table", 4),
    ("a child", 2),
    ("a mouse", 4),
    ("a butterfly", 6),
)
COUNTS = (
    ("days are in a week", 7),
    ("months are in a year", 12),
    ("fingers are on one hand", 5),
    ("eyes do you see with", 2),
    ("wheels does a bike have", 2),
    ("wheels does a car have", 4),
    ("ears does a rabbit have", 2),
    ("seasons are in a year", 4),
    ("legs does a chair have", 4),
    ("noses does a face have", 1),
    ("toes are on one foot", 5),
    ("sides does a triangle have", 3),
    ("sides does a square have", 4),
    ("wings does a bird have", 2),
    ("letters are in the word cat", 3),
    ("hands does a child have", 2),
    ("tails does a dog have", 1),
)
ANIMALS_BY_SIZE = (  # from small to big
    "an ant",
    "a bee",
    "a mouse",
    "a frog",
    "a cat",
    "a dog",
    "a sheep",
    "a horse",
    "an elephant",
    "a whale",
)
THINGS_BY_SIZE = ("a crumb", "a coin", "a cup", "a chair", "a car", "a house", "a castle", "a mountain", "the moon")
MEMBERS = {
    "animals": "dog cat horse cow lion bear rabbit fox elephant mouse",
    "colours": "red blue green yellow orange purple pink brown",
    "fruits": "apple banana pear cherry plum orange peach",
    "vegetables": "carrot potato pea onion cabbage bean",
    "birds": "duck owl hen crow swan robin goose",
    "toys": "ball doll kite train puzzle teddy drum",
    "farm animals": "cow pig hen sheep horse goat duck",
    "wild animals": "lion tiger bear wolf elephant fox",
    "pieces of clothing": "hat coat shirt dress scarf sock shoe",
    "things to eat": "bread soup cheese cake apple rice",
    "things to drink": "water milk juice tea",
    "things in a kitchen": "pot spoon cup plate oven table",
    "things in a garden": "flower tree bench bush pond snail",
    "things that fly": "bird bee plane kite butterfly",
    "things in the sky": "sun moon star cloud rainbow",
    "shapes": "circle square triangle star heart",
    "parts of the body": "hand foot head arm leg nose ear",
    "insects": "ant bee fly beetle butterfly",
    "pets": "dog cat rabbit fish hamster bird",
    "sweet things": "cake honey cookie chocolate",
    "cold things": "ice snow frost",
    "hot things": "fire sun soup stove",
    "things with wheels": "car bike bus train cart wagon",
    "seasons": "spring summer autumn winter",
    "things in a school": "book pencil desk teacher chair",
    "big animals": "elephant whale horse bear",
    "small animals": "ant mouse bee snail frog",
    "things at the beach": "sand shell wave bucket crab",
    "musical instruments": "drum piano flute violin guitar trumpet",
}
BARE = ("colours", "seasons", "shapes")  # named without an article
UNCOUNTED = {
    word: word
    for word in "water milk juice tea bread soup cheese rice honey chocolate ice snow frost fire sand".split()
}
UNCOUNTED |= {"sun": "the sun", "moon": "the moon"}
FACTS = (  # a question for yes or no, and the answer
    ("Can a bird fly?", "Yes, a bird can fly."),
    ("Can a fish swim?", "Yes, a fish can swim."),
    ("Can a dog fly?", "No, a dog cannot fly."),
    ("Can a stone swim?", "No, a stone sinks."),
    ("Can a cat climb a tree?", "Yes, a cat can climb a tree."),
    ("Can a fish walk?", "No, a fish cannot walk. It swims."),
    ("Can a cow read?", "No, a cow cannot read."),
    ("Can a frog jump?", "Yes, a frog can jump."),
    ("Can a table run?", "No, a table cannot run."),
    ("Can a bee sting?", "Yes, a bee can sting."),
    ("Can a baby drive a car?", "No, a baby cannot drive a car."),
    ("Can a duck swim?", "Yes, a duck can swim."),
    ("Can a snail run fast?", "No, a snail is very slow."),
    ("Can a horse run?", "Yes, a horse can run fast."),
    ("Can you eat a stone?", "No, nobody can eat a stone."),
    ("Is fire hot?", "Yes, fire is hot."),
    ("Is ice cold?", "Yes, ice is cold."),
    ("Is snow hot?", "No, snow is cold."),
    ("Is the sun cold?", "No, the sun is hot."),
    ("Is water wet?", "Yes, water is wet."),
    ("Is a mouse big?", "No, a mouse is small."),
    ("Is an elephant big?", "Yes, an elephant is very big."),
    ("Is a feather heavy?", "No, a feather is light."),
    ("Is a stone soft?", "No, a stone is hard."),
    ("Is a pillow soft?", "Yes, a pillow is soft."),
    ("Is sugar sweet?", "Yes, sugar is sweet."),
    ("Is a lemon sweet?", "No, a lemon is sour."),
    ("Is grass green?", "Yes, grass is green."),
    ("Is grass blue?", "No, grass is green."),
    ("Is it dark at night?", "Yes, it is dark at night."),
    ("Is a cat an animal?", "Yes, a cat is an animal."),
    ("Is an apple an animal?", "No, an apple is a fruit."),
    ("Is a rose a flower?", "Yes, a rose is a flower."),
    ("Is a carrot a fruit?", "No, a carrot is a vegetable."),
    ("Is a banana a fruit?", "Yes, a banana is a fruit."),
    ("Does a fish live in water?", "Yes, a fish lives in water."),
    ("Does the sun shine at night?", "No, the sun shines by day."),
    ("Do birds have wings?", "Yes, birds have wings."),
    ("Do dogs have wings?", "No, dogs have no wings."),
    ("Do cats like milk?", "Yes, many cats like milk."),
    ("Do trees have leaves?", "Yes, trees have leaves."),
    ("Do fish have legs?", "No, fish have no legs."),
    ("Do we sleep at night?", "Yes, most people sleep at night."),
    ("Do cows give milk?", "Yes, cows give milk."),
    ("Do hens lay eggs?", "Yes, hens lay eggs."),
    ("Do horses lay eggs?", "No, horses do not lay eggs."),
    ("Should you share your toys?", "Yes, it is kind to share."),
    ("Is it nice to help a friend?", "Yes, it is nice to help a friend."),
    ("Is it good to hit someone?", "No, it is not good to hit anyone."),
    ("Should you tell the truth?", "Yes, it is good to tell the truth."),
)
SIMPLE = (  # questions with one plain answer
    ("What do bees make?", "Bees make honey."),
    ("What do cows give us?", "Cows give us milk."),
    ("What do hens lay?", "Hens lay eggs."),
    ("What do you do when you are tired?", "You go to bed and sleep."),
    ("What do you do when you are hungry?", "You eat something."),
    ("What do you do when you are thirsty?", "You drink some water."),
    ("What do you wear on your head?", "You wear a hat on your head."),
    ("What do you wear on your feet?", "You wear shoes on your feet."),
    ("What do you wear when it is cold?", "You wear a warm coat when it is cold."),
    ("What do you need in the rain?", "You need an umbrella in the rain."),
    ("What falls from the sky in winter?", "Snow falls from the sky in winter."),
    ("What do you use to cut paper?", "You use scissors to cut paper."),
    ("What do you use to brush your teeth?", "You use a toothbrush to brush your teeth."),
    ("What do you write with?", "You write with a pencil."),
    ("What do you eat soup with?", "You eat soup with a spoon."),
    ("What do you sleep in?", "You sleep in a bed."),
    ("What do you sit on?", "You sit on a chair."),
    ("What do you read?", "You read a book."),
    ("What do you see with?", "You see with your eyes."),
    ("What do you hear with?", "You hear with your ears."),
    ("What do you smell with?", "You smell with your nose."),
    ("What do rabbits like to eat?", "Rabbits like to eat carrots."),
    ("What do monkeys like to eat?", "Monkeys like to eat bananas."),
    ("What does a dog like to chew?", "A dog likes to chew a bone."),
    ("What shines by day?", "The sun shines by day."),
    ("What shines at night?", "The moon shines at night."),
    ("What grows on an apple tree?", "Apples grow on an apple tree."),
    ("What is ice made of?", "Ice is made of frozen water."),
    ("What is bread made from?", "Bread is made from flour."),
    ("What comes out of a cloud?", "Rain comes out of a cloud."),
    ("What do you say when you get a present?", "You say thank you."),
    ("What do you say when you hurt somebody?", "You say that you are sorry."),
    ("Who helps you when you are ill?", "A doctor helps you when you are ill."),
    ("Who teaches children?", "A teacher teaches children."),
    ("Who grows food?", "A farmer grows food."),
    ("Who puts out fires?", "A firefighter puts out fires."),
    ("Who bakes bread?", "A baker bakes bread."),
    ("Who lives in a castle?", "A king or a queen lives in a castle."),
    ("Where do fish live?", "Fish live in the water."),
    ("Where do you borrow books?", "You borrow books in a library."),
    ("Where do you sleep?", "You sleep in a bed."),
    ("Where does the sun rise?", "The sun rises in the east."),
    ("Where do children learn?", "Children learn at school."),
    ("Where do apples grow?", "Apples grow on trees."),
    ("Where do you swim?", "You swim in a pool, a lake or the sea."),
    ("When do we eat breakfast?", "We eat breakfast in the morning."),
    ("When do the stars shine?", "The stars shine at night."),
    ("When does it snow?", "It snows in winter."),
    ("Why do we sleep?", "We sleep because we are tired."),
    ("Why do we eat?", "We eat because we are hungry."),
    ("Why do we wear coats?", "We wear coats to keep warm."),
    ("Which animal has a long trunk?", "An elephant has a long trunk."),
    ("Which animal has a long neck?", "A giraffe has a long neck."),
    ("Which animal says moo?", "A cow says moo."),
    ("Which animal has stripes?", "A zebra has stripes."),
    ("Which animal can hop?", "A rabbit can hop."),
)
SENTENCES = (  # a beginning and its natural end
    ("The sun is shining and the sky is", "The sun is shining and the sky is blue."),
    ("The cat drank a bowl of", "The cat drank a bowl of milk."),
    ("At night we go to", "At night we go to bed."),
    ("The bird built a", "The bird built a nest."),
    ("The baby began to", "The baby began to cry."),
    ("It was raining, so she took her", "It was raining, so she took her umbrella."),
    ("The dog wagged its", "The dog wagged its tail."),
    ("He was thirsty, so he drank some", "He was thirsty, so he drank some water."),
    ("She was cold, so she put on her", "She was cold, so she put on her coat."),
    ("The bees make sweet", "The bees make sweet honey."),
    ("In winter the snow is", "In winter the snow is white."),
    ("The children played with a red", "The children played with a red ball."),
    ("The fish swam in the", "The fish swam in the lake."),
    ("Mom baked a big", "Mom baked a big cake."),
    ("The king lived in a", "The king lived in a castle."),
    ("A rabbit likes to eat", "A rabbit likes to eat carrots."),
    ("The leaves fell from the", "The leaves fell from the tree."),
    ("The frog jumped into the", "The frog jumped into the pond."),
    ("We cut the bread with a", "We cut the bread with a knife."),
    ("The stars shine at", "The stars shine at night."),
    ("The farmer milked the", "The farmer milked the cow."),
    ("I wash my hands with", "I wash my hands with soap."),
    ("The train stopped at the", "The train stopped at the station."),
    ("She opened the door with a", "She opened the door with a key."),
    ("Once upon a", "Once upon a time."),
    ("They lived happily ever", "They lived happily ever after."),
)
NURSERY = (  # two lines of an old rhyme
    ("Twinkle, twinkle, little star,", "How I wonder what you are!"),
    ("Humpty Dumpty sat on a wall,", "Humpty Dumpty had a great fall."),
    ("Mary had a little lamb,", "Its fleece was white as snow."),
    ("Jack and Jill went up the hill", "To fetch a pail of water."),
    ("Hickory, dickory, dock,", "The mouse ran up the clock."),
    ("Baa, baa, black sheep,", "Have you any wool?"),
    ("One, two, buckle my shoe;", "Three, four, knock at the door."),
    ("Rain, rain, go away,", "Come again another day."),
    ("Little Bo-Peep has lost her sheep,", "And doesn't know where to find them."),
    ("Hey diddle diddle, the cat and the fiddle,", "The cow jumped over the moon."),
    ("Row, row, row your boat,", "Gently down the stream."),
    ("Little Miss Muffet sat on a tuffet,", "Eating her curds and whey."),
)

CHILDREN = "Lily Tom Anna Ben Max Mia Sam Sue Tim Lucy Jack Emma Leo Rosie Bob Ella Fin Amy Pip Nora".split()
TOYS = "ball kite doll car boat drum train hat bike balloon book bucket".split()
PLACES = (
    "in the park|in the garden|by the lake|at the beach|in the forest|in the kitchen|under a tree|on a hill|"
    "near the river|behind the house|in the meadow|on the farm"
).split("|")
