using System.Buffers;
using IppPrinter.Ipp;
using KestrelTlsUpgrade.Fuzzing.Input;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Fuzzing.Targets;

/// <summary>
/// The IPP codec of the printer sample: what the plainest reading has it however it is cut, at a cost that grows with the octets, with the
/// document left alone, and the same when it is written.
/// </summary>
internal static class IppTarget
{
    private const int MaxLooksPerOctet = 5;
    private const int MaxMemoryPerOctet = 64;
    private const int MaxMemoryPerGroup = 256;
    private const int MemoryOfARefusal = 16 * 1024;

    public static void Run(FuzzInput input)
    {
        var expected = WireIpp.Read(input.Wire);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var whole = IppReading.Of(input.Wire);
        var memory = GC.GetAllocatedBytesForCurrentThread() - before;
        var most = MemoryOfARefusal + (MaxMemoryPerOctet * input.Wire.Length) + (MaxMemoryPerGroup * (whole.Message?.Groups.Count ?? 0));
        Oracle.Holds(memory <= most, $"{memory} octets are not too many for {input.Wire.Length}.");
        Check(expected, whole);
        Check(expected, IppReading.Of(input.Cut(input.Wire)));

        var looks = 0;
        Check(expected, IppReading.OctetByOctet(input.Wire, () => looks++));
        Oracle.Holds(looks <= MaxLooksPerOctet * input.Wire.Length, $"{looks} looks are not too many for {input.Wire.Length} octets.");

        CheckReader(expected, new SegmentedPipeReader(input.Cut(input.Wire), input.Flip()));
        if (whole.IsComplete)
        {
            CheckWritten(whole);
        }
    }

    private static void Check(WireIpp expected, IppReading reading)
    {
        Oracle.Same(expected.Refusal, reading.Refusal, "What is no message is refused for what it is.");
        Oracle.Same(expected.IsComplete, reading.IsComplete, "A message ends where the plainest reading has it.");
        if (expected.IsComplete)
        {
            Oracle.Same(expected.Length, reading.Consumed, "What follows a message is left alone.");
            Oracle.Same(expected.Text, IppText.Of(reading.Message), "A message says what the plainest reading has it say.");
        }
    }

    private static void CheckReader(WireIpp expected, SegmentedPipeReader body)
    {
        var parser = new IppParser();
        try
        {
            Oracle.AtOnce(IppReader.ReadAsync(body, parser, CancellationToken.None));
            Oracle.Holds(expected.IsComplete, "Only a message is read.");
            Oracle.Same(expected.Length, body.Consumed, "The document is left in the pipe.");
            Oracle.Same(expected.Text, IppText.Of(parser.Message), "A message is the same from a pipe.");
        }
        catch (IppException refusal)
        {
            Oracle.Holds(!expected.IsComplete, "A message is not refused.");
            Oracle.Same(expected.Refusal ?? IppStatus.BadRequest, refusal.Status, "What does not end is a bad request.");

            // A pipe that is not to be read on says so.
            Oracle.AtOnce(body.ReadAsync());
        }
    }

    private static void CheckWritten(IppReading reading)
    {
        var output = new ArrayBufferWriter<byte>();
        IppWriter.Write(reading.Message!, output);
        Oracle.Same(reading.Verdict, IppReading.Of(output.WrittenMemory).Verdict, "What is written is as long as what was read, and says the same.");
    }
}
