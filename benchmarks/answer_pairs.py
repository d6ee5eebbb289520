# ruff: noqa: E501 (a pair a line)
"""Pairs of instruction and answer, written for this project: good ones, short and long, and bad ones of many kinds, each with what is wrong."""

from __future__ import annotations

from typing import Final, NamedTuple


class Pair(NamedTuple):
    instruction: str
    output: str
    wrong: str = ""
    """What is wrong with the answer; empty for a good pair."""
    input: str = ""


GOOD: Final = (
    Pair("Is the Pacific the largest ocean?", "Yes."),
    Pair("What is 12 times 12?", "144"),
    Pair("How do you say good morning in French?", "Bonjour."),
    Pair("What is the chemical formula of water?", "H2O"),
    Pair("Who painted the ceiling of the Sistine Chapel?", "Michelangelo"),
    Pair("Does a spider have six legs?", "No, a spider has eight legs."),
    Pair("Name the capital of Portugal.", "Lisbon"),
    Pair("What does JSON use for a missing value?", "null"),
    Pair("Which operator tests equality in Python?", "=="),
    Pair("Give the Roman numeral for nine.", "IX"),
    Pair("Answer with yes or no: is 7 a prime number?", "Yes"),
    Pair("In one word, what colour do you get by mixing blue and yellow?", "Green"),
    Pair("Give me a synonym of quick.", "fast"),
    Pair("Was ist die Hauptstadt von Österreich?", "Wien."),
    Pair("¿Cuántos días tiene un año bisiesto?", "366"),
    Pair("水的沸点是多少?", "在标准大气压下,水的沸点是100摄氏度。"),
    Pair("Translate into German: The train is late.", "Der Zug hat Verspätung."),
    Pair("Translate the following sentence to Spanish: Where is the library?", "¿Dónde está la biblioteca?"),
    Pair("Complete the proverb: The early bird", "catches the worm."),
    Pair("Write a title for an article about cycling to work.", "Ten Minutes of Calm: Why I Ride to the Office"),
    Pair("List three fruits that grow in the tropics.", "1. Mango\n2. Papaya\n3. Pineapple"),
    Pair("Give five words that rhyme with light.", "night, bright, kite, flight, white"),
    Pair("Name two rivers in France.", "The Loire and the Rhône."),
    Pair(
        "Write a Python function that reverses a string.",
        "```python\ndef reverse(text):\n    return text[::-1]\n```\n\nSlicing with a step of -1 walks through the text backwards.",
    ),
    Pair("Write a SQL query that counts the orders of each customer.", "SELECT customer_id, COUNT(*) AS orders\nFROM orders\nGROUP BY customer_id"),
    Pair(
        "Return a JSON object with the keys name and age for a person called Ada who is 36.",
        '{"name": "Ada", "age": 36}',
    ),
    Pair(
        "Explain how to close a code block in Markdown.",
        "Put three backticks on a line of their own, below the code:\n\n````\n```python\nprint('hello')\n```\n````\n\nThe same marks open and close the block.",
    ),
    Pair("Write a haiku about autumn.", "Leaves drift to the pond\na heron lifts one grey leg\nthe mist closes in"),
    Pair(
        "Write two lines of a song about the sea and repeat the second.",
        "The harbour sleeps, the lanterns sway\nThe tide will carry us away\nThe tide will carry us away\nThe tide will carry us away",
    ),
    Pair(
        "Why is the sky blue?",
        "Sunlight is scattered by the molecules of the air. Blue light has a short wavelength and is scattered far more than red light, "
        "so it reaches our eyes from every part of the sky.",
    ),
    Pair(
        "How can I keep basil fresh for longer?",
        "Cut the ends of the stems, put the bunch in a glass of water like flowers, and keep it on the kitchen table rather than in the fridge. "
        "Change the water every other day. It will last for more than a week.",
    ),
    Pair(
        "Explain the difference between weather and climate to a ten-year-old.",
        "Weather is what you see out of the window today: rain, sun or wind. Climate is what the weather is usually like in a place over many years. "
        "Weather tells you what to wear now; climate tells you what clothes to own.",
    ),
    Pair(
        "What are the steps for changing a bicycle tube?",
        "1. Take the wheel off.\n2. Lift one side of the tyre over the rim with levers.\n3. Pull out the old tube and feel inside the tyre for thorns.\n"
        "4. Put in the new tube, slightly inflated.\n5. Press the tyre back and inflate it",
    ),
    Pair(
        "Write a short, polite message to decline a wedding invitation.",
        "Dear Clara and Jon, thank you so much for inviting us. We are sorry that we cannot be there on the day, as we will be abroad. "
        "We wish you a wonderful wedding and look forward to celebrating with you in spring.",
    ),
    Pair(
        "Write a dialogue of four lines between a baker and a customer.",
        "Customer: Is the rye bread still warm?\nBaker: It came out of the oven five minutes ago.\nCustomer: Then I will take two.\nBaker: Wise choice!",
    ),
    Pair(
        "What is a language model?",
        "A language model is a program that has learned from many texts which words tend to follow which. As a language model writes, it chooses one "
        "likely word after another. It does not look facts up, so its answers have to be checked.",
    ),
    Pair(
        "Summarize the text.",
        "The town will close its old bridge in May for repairs that take six weeks.",
        input="The council decided on Tuesday that the old bridge has to be closed. Work begins in May and should be done after six weeks.",
    ),
    Pair(
        "Summarize the following text: The council decided on Tuesday that the old bridge has to be closed. Work begins in May.",
        "The old bridge will be closed for works from May.",
    ),
    Pair(
        "Correct the spelling of this sentence: 'I recieved you're letter yesterday.'",
        "I received your letter yesterday.",
    ),
    Pair(
        "Rewrite the sentence in the passive voice: The gardener watered the roses.",
        "The roses were watered by the gardener.",
    ),
    Pair(
        "What does the error 'list index out of range' mean?",
        "You asked for an element at a position that the list does not have: it is shorter than that.",
    ),
    Pair(
        "Who said 'I cannot live without books'?",
        'Thomas Jefferson wrote it to John Adams in 1815: "I cannot live without books."',
    ),
    Pair(
        "Give an example of a sentence that ends with a preposition.",
        "This is the chair that I was sitting on.",
    ),
    Pair("How do I convert kilometres to miles?", "Multiply by 0.621. For example: 10 km × 0.621 = 6.21 miles."),
    Pair("What is the integral of 2x?", "x² + C"),
    Pair("Solve: 3x + 5 = 20", "Subtract 5 on both sides: 3x = 15. Divide by 3:\n\n$x = 5$"),
    Pair(
        "Compare tea and coffee in a table.",
        "| | tea | coffee |\n|---|---|---|\n| caffeine per cup | 20 to 60 mg | 80 to 120 mg |\n| brewing time | 3 minutes | 4 minutes |",
    ),
    Pair(
        "Explique en deux phrases ce qu'est la photosynthèse.",
        "La photosynthèse est le processus par lequel les plantes transforment la lumière du soleil en énergie. Elles utilisent l'eau et le gaz carbonique, "
        "et rejettent de l'oxygène.",
    ),
    Pair(
        "Wie viele Planeten hat unser Sonnensystem, und welcher ist der größte?",
        "Unser Sonnensystem hat acht Planeten. Der größte ist der Jupiter.",
    ),
    Pair(
        "Describe a picture that would suit the cover of a book about bees.",
        "A single bee seen from the side, dusted with yellow pollen, in front of a blurred field of lavender at sunset.",
    ),
    Pair(
        "How do I add an image in Markdown?",
        "Write an exclamation mark, the description in square brackets and the address in round ones: ![a cat](cat.png)",
    ),
    Pair("Should I refuse to sign a contract that I have not read?", "Yes. Never sign what you have not read; ask for a day to go through it."),
    Pair(
        "What should I do if I cannot sleep?",
        "Get up, go to another room and read something quiet until you are tired. Keep the light low, leave the phone outside, and get up at the same "
        "time every morning, even after a bad night.",
    ),
    Pair("Sort these numbers from small to large: 9, 2, 7, 4", "2, 4, 7, 9"),
    Pair("What is the next number in 2, 4, 8, 16?", "32, because each number is twice the one before it."),
    Pair("Classify the sentiment: The food was cold and the waiter rude.", "Negative"),
    Pair("Is it cheaper to fly or to take the train from Berlin to Munich?", "Usually the train, if you book it some weeks ahead."),
    Pair("Which is heavier, a kilogram of iron or a kilogram of feathers?", "Both weigh the same: one kilogram."),
    Pair("Suggest three names for a black cat.", "- Onyx\n- Midnight\n- Pepper"),
    Pair("Write a regular expression that matches a year.", r"\b(19|20)\d{2}\b"),
)

BAD: Final = (
    Pair("How do I sharpen a kitchen knife?", "I’m sorry, but I can’t assist with that request.", "refusal, curly apostrophe"),
    Pair("Write a poem about the war in my town.", "I cannot fulfill this request, as it may be upsetting.", "refusal"),
    Pair("Which film should I watch tonight?", "I'm just an AI, so I don't watch films or have a taste in them.", "refusal: just an AI"),
    Pair("What do you think of jazz?", "As an AI language model, I do not have personal opinions on music.", "speaks of the model"),
    Pair(
        "Give me directions to the nearest pharmacy.",
        "Unfortunately, I am unable to provide directions because I don't have access to real-time data.",
        "refusal",
    ),
    Pair("Tell me a joke about politicians.", "I must decline to share jokes about politicians.", "refusal"),
    Pair("Erzähl mir einen Witz.", "Als KI-Sprachmodell kann ich leider keine Witze erzählen.", "refusal, German"),
    Pair("请写一首关于春天的诗。", "抱歉,作为一个人工智能语言模型,我无法创作诗歌。", "refusal, Chinese"),
    Pair(
        "Explain how tides work.",
        "Tides are caused by the pull of the moon.\n\nUser: And what about the sun?\nAssistant: The sun has a part in it too.",
        "goes on",
    ),
    Pair("What is a noun?", "A noun is a word for a thing.<|im_end|>\n<|im_start|>user\nAnd a verb?", "template marks"),
    Pair("Name a vegetable.", "Carrot [/INST] Name another one [INST]", "template marks"),
    Pair("What is the boiling point of water?", "### Response:\nWater boils at 100 degrees Celsius at sea level.", "template marks"),
    Pair("Why do leaves fall?", "Human: Why do leaves fall? They fall because the tree saves water in winter.", "role"),
    Pair("What causes rust?", "<think>The user asks about rust. Iron and oxygen.</think>Rust is iron oxide.", "thinking left in"),
    Pair("Write a loop in Python.", "Here is a loop:\n\n```python\nfor number in range(10):\n    print(number)\n", "open code block"),
    Pair("Show me a bash one-liner that counts files.", "You can use this:\n```bash\nls | wc -l", "open code block"),
    Pair("Write a CSS rule for red links.", "~~~css\na { color: red; }\n\nThis makes every link red.", "open code block"),
    Pair(
        "Describe the water cycle.",
        "Water evaporates from the sea. It rises and cools, and clouds form. When the drops are heavy enough they fall as rain and",
        "cut off",
    ),
    Pair("What are the benefits of walking?", "Walking strengthens the heart. It also lifts the mood, because it", "cut off"),
    Pair(
        "Tell me about the history of the bicycle.",
        "The first bicycles had no pedals. Riders pushed themselves along with their feet. In the 1860s, French makers added pedals to the front",
        "cut off",
    ),
    Pair("How is cheese made?", "Milk is warmed and rennet is added. The curd is cut, drained, salted, pressed and,", "cut off"),
    Pair(
        "How do vaccines work?",
        "Vaccines show the body a harmless piece of a germ. The immune system learns to recognise it. Later, when the real germ (",
        "cut off",
    ),
    Pair("Explain why we have seasons on Earth.", "Explain why we have seasons on Earth.", "copies the instruction"),
    Pair("List the main causes of the French Revolution.", "The main causes of the French Revolution.", "copies the instruction"),
    Pair("Can you describe how a fridge keeps food cold?", "You can describe how a fridge keeps food cold.", "copies the instruction"),
    Pair(
        "What should I see in Rome in two days?",
        "En Roma puedes visitar el Coliseo, el Foro y la fuente de Trevi en dos días tranquilos.",
        "wrong language",
    ),
    Pair(
        "Please explain how I can remove a wine stain from a carpet.",
        "Man tupft den Fleck mit kaltem Wasser ab und streut danach reichlich Salz darauf.",
        "wrong language",
    ),
    Pair(
        "Comment préparer une pâte à crêpes pour quatre personnes ?",
        "Mix the flour, the eggs and the milk, then let the batter rest for an hour.",
        "wrong language",
    ),
    Pair(
        "What is photosynthesis and why does it matter?",
        "光合作用是植物利用阳光把水和二氧化碳变成养分的过程,对地球上的生命非常重要。",
        "wrong language",
    ),
    Pair("How do I tie a bowline knot?", "![How to tie a bowline](https://example.org/bowline.png)", "invented image"),
    Pair(
        "What does a healthy breakfast look like?",
        "As you can see in the image below, a healthy breakfast has fruit, oats and yogurt.",
        "invented image",
    ),
    Pair("How is a bird house built?", "[Image: a wooden bird house] First cut six boards to size.", "invented image"),
    Pair("Where is the liver in the body?", "Please refer to the attached diagram, which shows the liver on the right side.", "invented image"),
    Pair("What is gravity?", "Here is the improved answer: Gravity is the force by which masses attract each other.", "remains"),
    Pair("Name an amphibian.", "Improved answer: The frog is an amphibian.", "remains"),
    Pair("What is an island?", "Based on the feedback, I made the definition shorter. An island is land with water all around it.", "remains"),
    Pair("What is a comet?", '{"answer": "A comet is a ball of ice and dust."}', "JSON that nobody asked for"),
    Pair("How long is a marathon?", "}1) A marathon is 42.195 kilometres long.", "remains of JSON"),
    Pair("Give a definition of inertia.", "verdict: better", "remains of a judgement"),
    Pair("What is a desert?", "N/A", "nothing said"),
    Pair("Describe your favourite season.", "null", "nothing said"),
    Pair("Write a birthday wish for a colleague.", "TODO", "nothing said"),
    Pair("How do I boil an egg?", "...", "nothing said"),
    Pair("Explain photosynthesis.", "   \n", "nothing said"),
    Pair("Write a slogan for a bakery.", "Sure!", "nothing said"),
    Pair("What is the capital of Peru?", "[Your answer here]", "placeholder"),
    Pair("Write about your city.", "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor.", "filler"),
    Pair("Describe a sunset.", "The sun goes down. The sun goes down. The sun goes down. The sun goes down. The sun goes down.", "loops"),
    Pair(
        "Why should one learn a language?",
        "It is good for the mind and good for the mind and good for the mind and good for the mind and good for the mind",
        "loops",
    ),
    Pair("Say something about the ocean.", "The ocean is very very very very very very very very very very very very deep.", "loops"),
    Pair("Summarize the following article.", "The article describes a new bridge and its cost.", "input missing"),
    Pair("Correct the grammar of the sentence below.", "The sentence is now correct.", "input missing"),
    Pair("Translate this paragraph into plain English.", "The paragraph means that rent is due on Monday.", "input missing"),
    Pair("Given the table, find the highest value.", "The highest value is 98.", "input missing"),
    Pair("Return the result as JSON with the keys city and country for Paris.", "The city is Paris and the country is France.", "not JSON"),
    Pair("Answer in one word: what do bees make?", "Bees make honey from the nectar of flowers.", "not one word"),
    Pair("Answer yes or no: can penguins fly?", "Penguins are birds that live in the south.", "neither yes nor no"),
    Pair("List five uses of a towel.", "1. Drying yourself\n2. Sitting on it at the beach", "wrong number of items"),
    Pair("Name three planets.", "Of course!", "nothing said"),
    Pair("What is a mammal?", "I am ChatGPT, a model trained by OpenAI, and I am happy to help you with animals.", "speaks of the model"),
)
