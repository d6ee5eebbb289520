"""Short documents that anyone would keep, or drop, for training a language model. English, unless the name says otherwise."""

from __future__ import annotations

from typing import Final

GOOD: Final[dict[str, str]] = {
    "news": (
        "The city council voted on Tuesday to close the old harbour bridge to cars from next spring. Engineers had warned for "
        "years that its steel was "
        "tired, and a survey in March found cracks in two of the main beams.\n\n"
        'Shop owners on the east side fear for their trade. "Half of our customers come over that bridge," said Anna Lind, who '
        "has run a bakery there "
        "since 1998. The council has promised a ferry, free of charge, until a new crossing is built.\n\n"
        "Work is to begin in April and should take three years. The cost, about 48 million euros, will be shared with the region."
    ),
    "encyclopedia": (
        "Photosynthesis is the process by which plants, algae and some bacteria turn light into chemical energy. Carbon dioxide and water are "
        "converted into sugars, and oxygen is released. The process takes place in chloroplasts, which hold the green pigment chlorophyll.\n\n"
        "It has two stages. In the first, light splits water and charges the molecules that carry energy; in the second, known as the Calvin cycle, "
        "that energy is used to build sugars. Temperature, light and the concentration of carbon dioxide limit how fast a leaf can work. Nearly all "
        "life on Earth depends on it, directly or indirectly."
    ),
    "textbook": (
        "A prime number is a whole number greater than one that has no divisors but one and itself. Let us prove that there are infinitely many.\n\n"
        "Suppose that there were only finitely many, and multiply all of them together. Add one to the product. The result leaves the remainder one "
        "when it is divided by any prime of our list, so none of them divides it. But every whole number greater than one has a prime divisor; hence "
        "there must be a prime that is missing from the list. This contradicts what we assumed, and the proof is complete.\n\n"
        "The argument is due to Euclid, who gave it about 300 BC."
    ),
    "story": (
        'The old man put down his lamp. "You are late," he said, and he did not turn around.\n\n'
        "Mira closed the door behind her. Snow had blown in over the sill, and it did not melt. She could see his breath, and her own.\n\n"
        '"The pass was closed. I had to walk around by the mill."\n\n'
        '"Then you have seen it," he said. For a while neither of them spoke. Outside, something heavy slid from the roof and fell into the yard. '
        '"I have seen it," she answered, "and I am not going back there, whatever they pay us."'
    ),
    "recipe": (
        "Onion soup for four\n\n"
        "Peel six onions and cut them into thin rings. Melt a good piece of butter in a heavy pot, add the onions with a pinch of salt, and let them "
        "cook over a low flame for forty minutes. Stir them now and then; they should turn brown, but they must not burn.\n\n"
        "Add a spoon of flour and a glass of white wine. When the wine has gone, pour in a litre of stock and let it simmer for "
        "half an hour. Toast four "
        "slices of bread, lay them on the soup, cover them with cheese and put the bowls under the grill until it bubbles."
    ),
    "forum answer": (
        "You are reading the file twice, and that is why the second loop sees nothing: after the first one, the position is at "
        "the end. Either go back "
        "with seek, or read everything into a list once and loop over that.\n\n"
        "I would do the latter unless the file is huge. Also, use a with block, so that the file is closed even if something goes wrong in between. "
        "If you are on Windows, give the encoding as well, because the default there is not UTF-8.\n\n"
        "As for your other question: yes, the csv module handles quotes that contain commas, so there is no need to split the lines yourself."
    ),
    "review": (
        "I bought this tent for a week in the Highlands, where it rained on five days out of seven. It stayed dry inside, which "
        "is more than I can say of "
        "the one I had before. Pitching it alone takes about ten minutes once you have done it a few times.\n\n"
        "There are two things I did not like. The pegs are too soft and bent on stony ground, so take your own. And the zip of "
        "the outer door catches "
        "the fabric unless you hold it with your other hand. For the price, though, I would buy it again, and I have told my sister to do so."
    ),
    "how-to with a list": (
        "Before you repot an orchid, water it well and leave it for a day. Healthy roots are firm and green; cut off those that are brown or hollow. "
        "You will need the following, and it is best to have it all at hand before you begin:\n\n"
        "- a clear pot that is slightly larger than the old one\n"
        "- coarse bark, soaked in water for an hour\n"
        "- a clean, sharp pair of scissors\n\n"
        "Set the plant in the middle, fill in the bark around its roots, and shake the pot until they hold. Do not water it for "
        "a week. It should stand "
        "in a bright place, but never in the sun at noon."
    ),
    "medicine": (
        "Patients with type 2 diabetes were followed for a median of 5.4 years. Those in the intervention group walked for "
        "thirty minutes on at least "
        "five days of the week; the others received the usual advice. The primary outcome was death from any cause.\n\n"
        "At the end of the study, 112 of 1,204 patients in the first group and 151 of 1,198 in the second had died (hazard ratio "
        "0.73, 95% confidence "
        "interval 0.57 to 0.93). Breast and prostate cancer were as frequent in both groups. We conclude that regular walking was associated with "
        "lower mortality, although we cannot rule out that healthier patients were the ones who walked."
    ),
    "documentation": (
        "The function returns the number of bytes that were written, which may be less than the number that you asked for. If that happens, call it "
        "again with the rest. A return value of zero means that the other side has closed the connection.\n\n"
        "Errors are raised as exceptions. A timeout is not an error of the connection: the socket stays open, and you may try again. Set the timeout "
        "to None if you want to wait for ever. See the chapter on selectors for how to serve many connections with one thread, and for why you "
        "should not mix the two ways of waiting."
    ),
}

BAD: Final[dict[str, str]] = {
    "keywords": "cheap shoes buy shoes online shoes discount shoes sale best shoes price shoes shop running shoes men shoes women shoes kids shoes "
    * 6,
    "menu": "Home\nAbout us\nProducts\nServices\nGallery\nBlog\nContact\nLogin\nRegister\nCart (0)\nHome\nAbout us\nProducts\nSitemap\n" * 3,
    "repeated line": "Click here to subscribe to our newsletter and get the best deals!\n" * 25,
    "repeated paragraph": (
        "We are proud to offer our customers the best service in the region.\nOur team will be happy to answer your questions, "
        "and that is a promise.\n\n"
    )
    * 8,
    "shouting": "BUY NOW!!! LIMITED OFFER!!! CLICK HERE TO WIN A FREE PHONE TODAY!!! ONLY 3 LEFT!!! CALL US NOW AND SAVE BIG!!! " * 6,
    "code dump": 'var a = {"b": [1, 2, {"c": {}}]}; function f(x) { if (x) { return {}; } else { return {y: {z: {}}}; } } window.q = {};\n' * 12,
    "numbers": "\n".join(f"{row} {row * 37 % 101}.{row % 10} {row * 53 % 97} {row * 11 % 89} {row * 7 % 83}%" for row in range(60)),
    "teasers": "Ten tricks that doctors hate...\nYou will not believe what she did...\nThis one weird tip...\nRead more...\nSee the photos...\n" * 6,
    "filler": "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore magna aliqua. " * 5,
    "mojibake": "Ã¢â\x82¬\x9c\x9dThe\ufffd\ufffd caf\ufffd\x81 \ufffd\ufffd\ufffd is\x01 \ufffd\ufffd\ufffd open\x02\x03 \ufffd daily \ufffd\ufffd.\n"
    * 10,
    "please enable": (
        "You need to enable JavaScript to run this app.\nJavaScript is disabled in your browser.\nPlease turn JavaScript on and reload.\n"
    ),
    "bullets": "".join(f"- item {row}, size {row * 3}, in stock\n" for row in range(40)),
    "too short": "Sorry, this page does not exist.",
    "blank": " \n\t\n  ",
    "hashtags": "#love #instagood #photooftheday #fashion #beautiful #happy #cute #tbt #like4like #followme #picoftheday #follow #me #selfie " * 5,
    "entities": "&nbsp;&nbsp;Price&nbsp;&amp;&nbsp;stock:&nbsp;&lt;b&gt;12&lt;/b&gt;&nbsp;&euro;&nbsp;&#8211;&nbsp;call&nbsp;us&nbsp;now&hellip;\n"
    * 10,
    "adult spam": "Hot cam girls and free porn videos every day. Watch xxx videos with the best milf and hardcore sex on our site, no login needed. "
    * 4,
    "personal data": "Maria Roe, maria.roe@mail.example, +44 20 7946 0958, card 4111 1111 1111 1111, IBAN GB82 WEST 1234 5698 7654 32, 8.8.8.8\n" * 3,
    "copyright lines": "Copyright 2024 Example Ltd. All rights reserved.\nConfidential. Do not copy.\nWatermark: sample\nPage one of the sample.\n"
    * 4,
    "cut off": "In the following section we will list the most important points of the agreement between the two parties, which are:",
    "numbers of documents": "Her social security number is 536-90-4399 and his is 219-47-1180, please keep them on file for the application.",
}
