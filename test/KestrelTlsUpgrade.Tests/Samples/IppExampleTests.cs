using System.Buffers;
using System.Globalization;
using IppPrinter.Ipp;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Tests.Samples;

/// <summary>The examples of RFC 8010 appendix A, octet by octet.</summary>
public sealed class IppExampleTests
{
    private const string Charset = "47 0012 'attributes-charset' 0005 'utf-8'";
    private const string Language = "48 001B 'attributes-natural-language' 0005 'en-us'";
    private const string PrinterUri = "45 000B 'printer-uri' 002C 'ipp://printer.example.com/ipp/print/pinetree'";

    /// <summary>Appendix A.1.</summary>
    [Fact]
    public void PrintJob_Request_IsReadAndWritten() => AssertSame(
        $"""
        0101 0002 00000001
        01 {Charset} {Language} {PrinterUri}
        42 0008 'job-name' 0006 'foobar'
        22 0016 'ipp-attribute-fidelity' 0001 01
        02
        21 0006 'copies' 0004 00000014
        44 0005 'sides' 0013 'two-sided-long-edge'
        03
        """,
        new IppMessage(IppMessage.Version11, (short)IppOperation.PrintJob, 1)
        {
            Groups =
            {
                Operation()
                    .Add("printer-uri", IppValue.Uri("ipp://printer.example.com/ipp/print/pinetree"))
                    .Add("job-name", IppValue.Name("foobar"))
                    .Add("ipp-attribute-fidelity", IppValue.Boolean(true)),
                new IppGroup(IppTag.JobAttributes)
                    .Add("copies", IppValue.Integer(20))
                    .Add("sides", IppValue.Keyword("two-sided-long-edge")),
            },
        },
        "%!PS...");

    /// <summary>Appendix A.2.</summary>
    [Fact]
    public void PrintJob_Response_IsReadAndWritten() => AssertSame(
        $"""
        0101 0000 00000001
        01 {Charset} {Language}
        41 000E 'status-message' 000D 'successful-ok'
        02
        21 0006 'job-id' 0004 00000093
        45 0007 'job-uri' 0030 'ipp://printer.example.com/ipp/print/pinetree/147'
        23 0009 'job-state' 0004 00000003
        03
        """,
        new IppMessage(IppMessage.Version11, (short)IppStatus.Ok, 1)
        {
            Groups =
            {
                Operation().Add("status-message", IppValue.Text("successful-ok")),
                new IppGroup(IppTag.JobAttributes)
                    .Add("job-id", IppValue.Integer(147))
                    .Add("job-uri", IppValue.Uri("ipp://printer.example.com/ipp/print/pinetree/147"))
                    .Add("job-state", IppValue.Enum(3)),
            },
        });

    /// <summary>Appendix A.3: what is unsupported is named, with the value that is, or without one.</summary>
    [Fact]
    public void PrintJob_Failure_IsReadAndWritten() => AssertSame(
        $"""
        0101 040B 00000001
        01 {Charset} {Language}
        41 000E 'status-message' 002F 'client-error-attributes-or-values-not-supported'
        05
        21 0006 'copies' 0004 00000014
        10 0005 'sides' 0000
        03
        """,
        new IppMessage(IppMessage.Version11, (short)IppStatus.AttributesOrValuesNotSupported, 1)
        {
            Groups =
            {
                Operation().Add("status-message", IppValue.Text("client-error-attributes-or-values-not-supported")),
                new IppGroup(IppTag.UnsupportedAttributes)
                    .Add("copies", IppValue.Integer(20))
                    .Add("sides", IppValue.Opaque(IppTag.Unsupported, null)),
            },
        });

    /// <summary>Appendix A.7: a collection within a collection.</summary>
    [Fact]
    public void CreateJob_WithCollections_IsReadAndWritten() => AssertSame(
        $"""
        0101 0005 00000001
        01 {Charset} {Language} {PrinterUri}
        02
        34 0009 'media-col' 0000
        4A 0000 000A 'media-size' 34 0000 0000
        4A 0000 000B 'x-dimension' 21 0000 0004 00005208
        4A 0000 000B 'y-dimension' 21 0000 0004 00007404
        37 0000 0000
        4A 0000 000A 'media-type' 44 0000 000A 'stationery'
        37 0000 0000
        03
        """,
        new IppMessage(IppMessage.Version11, (short)IppOperation.CreateJob, 1)
        {
            Groups =
            {
                Operation().Add("printer-uri", IppValue.Uri("ipp://printer.example.com/ipp/print/pinetree")),
                new IppGroup(IppTag.JobAttributes).Add(
                    "media-col",
                    IppValue.Collection(
                        new IppAttribute(
                            "media-size",
                            IppValue.Collection(
                                new IppAttribute("x-dimension", IppValue.Integer(21000)), new IppAttribute("y-dimension", IppValue.Integer(29700)))),
                        new IppAttribute("media-type", IppValue.Keyword("stationery")))),
            },
        });

    /// <summary>Appendix A.8: one attribute with several values.</summary>
    [Fact]
    public void GetJobs_Request_IsReadAndWritten() => AssertSame(
        $"""
        0101 000A 00000123
        01 {Charset} {Language} {PrinterUri}
        21 0005 'limit' 0004 00000032
        44 0014 'requested-attributes' 0006 'job-id'
        44 0000 0008 'job-name'
        44 0000 000F 'document-format'
        03
        """,
        new IppMessage(IppMessage.Version11, (short)IppOperation.GetJobs, 0x123)
        {
            Groups =
            {
                Operation()
                    .Add("printer-uri", IppValue.Uri("ipp://printer.example.com/ipp/print/pinetree"))
                    .Add("limit", IppValue.Integer(50))
                    .Add("requested-attributes", IppValue.Keyword("job-id"), IppValue.Keyword("job-name"), IppValue.Keyword("document-format")),
            },
        });

    private static IppGroup Operation() => new IppGroup(IppTag.OperationAttributes)
        .Add("attributes-charset", IppValue.Charset("utf-8"))
        .Add("attributes-natural-language", IppValue.NaturalLanguage("en-us"));

    private static void AssertSame(string table, IppMessage message, string document = "")
    {
        var octets = ToOctets(table);
        var output = new ArrayBufferWriter<byte>();
        IppWriter.Write(message, output);
        Assert.Equal(octets, output.WrittenSpan.ToArray());

        var reading = IppReading.Of((byte[])[.. octets, .. IppWire.Ascii(document)]);
        Assert.Equal((true, octets.Length), (reading.IsComplete, reading.Consumed));
        Assert.Equal(IppText.Of(message), IppText.Of(reading.Message));
    }

    /// <summary>Numbers in hexadecimal, and text in quotes.</summary>
    private static byte[] ToOctets(string table) =>
    [
        .. table.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).SelectMany(static part => part.StartsWith('\'')
            ? IppWire.Ascii(part.Trim('\''))
            : part.Chunk(2).Select(static digits => byte.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture))),
    ];
}
