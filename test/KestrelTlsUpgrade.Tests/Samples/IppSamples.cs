using static KestrelTlsUpgrade.Testing.IppWire;

namespace KestrelTlsUpgrade.Tests.Samples;

/// <summary>Messages that more than one test reads.</summary>
internal static class IppSamples
{
    /// <summary>The first of 2024, noon, in Kathmandu.</summary>
    public static readonly byte[] Time = [0x07, 0xE8, 1, 1, 12, 0, 0, 5, (byte)'+', 5, 45];

    /// <summary>A value of each type, as the wire has it, and as text.</summary>
    public static readonly (int Tag, byte[] Octets, string Text)[] Values =
    [
        (0x10, [], "10 -"),
        (0x12, [], "12 -"),
        (0x13, [], "13 -"),
        (0x15, [], "15 []"),
        (0x1F, [1], "1f [01]"),
        (0x20, [], "20 []"),
        (0x21, Int32(-2), "21 -2"),
        (0x22, [0], "22 False"),
        (0x22, [1], "22 True"),
        (0x23, Int32(3), "23 3"),
        (0x24, [1, 2, 3], "24 [010203]"),
        (0x30, [0, 0xFF], "30 [00FF]"),
        (0x31, Time, "31 2024-01-01T12:00:00.5000000+05:45"),
        (0x32, [.. Int32(600), .. Int32(1200), 3], "32 IppResolution { CrossFeed = 600, Feed = 1200, Units = 3 }"),
        (0x33, [.. Int32(-5), .. Int32(int.MaxValue)], "33 IppRange { Lower = -5, Upper = 2147483647 }"),
        (0x35, Localized("de", "Gru\u0073s"), "35 IppLocalizedText { Language = de, Text = Gruss }"),
        (0x36, Localized("", ""), "36 IppLocalizedText { Language = , Text =  }"),
        (0x38, [9], "38 [09]"),
        (0x3F, [], "3f []"),
        (0x40, "a"u8.ToArray(), "40 [61]"),
        (0x41, "Büro"u8.ToArray(), "41 \"B\\u00FCro\""),
        (0x42, [], "42 \"\""),
        (0x43, [0xFF], "43 [FF]"),
        (0x44, "one-sided"u8.ToArray(), "44 \"one-sided\""),
        (0x45, "ipp://a/ipp/print"u8.ToArray(), "45 \"ipp://a/ipp/print\""),
        (0x46, "ipp"u8.ToArray(), "46 \"ipp\""),
        (0x47, "utf-8"u8.ToArray(), "47 \"utf-8\""),
        (0x48, "en"u8.ToArray(), "48 \"en\""),
        (0x49, "application/pdf"u8.ToArray(), "49 \"application/pdf\""),
        (0x4B, [0xC3], "4b [C3]"),
        (0x5F, [], "5f []"),
        (0x60, [], "60 []"),
        (0x7F, [0x40, 0, 0, 1, 9], "7f [4000000109]"),
        (0x80, [1], "80 [01]"),
        (0xFF, [], "ff []"),
    ];

    /// <summary>A request with a little of all.</summary>
    public static byte[] Short => Request(
        Field(0x22, "a", 1), Field(0x35, "b", Localized("en", "c")), More(0x31, Time), BeginCollection("d"), Member("e"), More(0x34),
        EndCollection, More(0x33, new byte[8]), Member("f"), More(0x44, "g"), EndCollection, Field(0x10, "h"));

    /// <summary>A request with a value of each type in an attribute and in a collection.</summary>
    public static byte[] Everything => Message(
        [
            OperationGroup,
            .. Values.Select(static (value, i) => Field(value.Tag, $"a{i}", value.Octets)),
            JobGroup,
            Field(0x21, "first", Int32(1)),
            .. Values.Take(10).Select(static value => More(value.Tag, value.Octets)),
            PrinterGroup,
            BeginCollection("collection"),
            .. Values.SelectMany(static (value, i) => (byte[][])[Member($"m{i}"), More(value.Tag, value.Octets)]),
            Member("inner"),
            More(0x34),
            EndCollection,
            More(0x34),
            Member("x"),
            More(0x21, Int32(1)),
            EndCollection,
            EndCollection,
            More(0x34),
            EndCollection,
            EndOfAttributes,
        ]);
}
