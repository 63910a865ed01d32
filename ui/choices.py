"""What the options' menus offer, in words that members understand."""

from discord.app_commands import Choice

SIZE_CHOICES = [
    Choice(name="Automatic", value="auto"),
    Choice(name="Square (1024 × 1024)", value="1024x1024"),
    Choice(name="Landscape (1536 × 1024)", value="1536x1024"),
    Choice(name="Portrait (1024 × 1536)", value="1024x1536"),
]
BACKGROUND_CHOICES = [
    Choice(name="Automatic", value="auto"),
    Choice(name="Transparent", value="transparent"),
    Choice(name="Opaque", value="opaque"),
]
QUALITY_CHOICES = [
    Choice(name="Low (fast)", value="low"),
    Choice(name="Medium", value="medium"),
    Choice(name="High", value="high"),
]
FIDELITY_CHOICES = [
    Choice(name="Low (freer)", value="low"),
    Choice(name="High (keeps faces and details)", value="high"),
]
FORMAT_CHOICES = [
    Choice(name="PNG", value="png"),
    Choice(name="JPEG", value="jpeg"),
    Choice(name="WebP", value="webp"),
]
