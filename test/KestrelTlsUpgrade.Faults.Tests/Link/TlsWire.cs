using System.Text;

namespace KestrelTlsUpgrade.Faults.Tests.Link;

/// <summary>Where TLS is in what went over the wire.</summary>
internal static class TlsWire
{
    private const int HeaderLength = 5;
    private const byte FirstType = 20;
    private const byte Handshake = 22;
    private const byte LastType = 23;

    /// <summary>Where TLS begins: at a handshake record that is the first of all, or follows the end of a head.</summary>
    public static int FindStart(ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i + 2 < bytes.Length; i++)
        {
            if (bytes[i] == Handshake && bytes[i + 1] == 3 && (i == 0 || bytes[..i].EndsWith("\r\n\r\n"u8)))
            {
                return i;
            }
        }

        return bytes.Length;
    }

    /// <summary>The records, by where they begin. The last one may not be there to its end.</summary>
    /// <exception cref="InvalidDataException">There is something else.</exception>
    public static List<int> FindRecords(byte[] bytes, int start)
    {
        var records = new List<int>();
        while (start < bytes.Length)
        {
            records.Add(start);
            var header = bytes.AsSpan(start, Math.Min(HeaderLength, bytes.Length - start));
            if (header[0] is < FirstType or > LastType || (header.Length > 1 && header[1] != 3))
            {
                throw new InvalidDataException($"Not TLS at {start}: '{Encoding.Latin1.GetString(bytes)}'.");
            }

            if (header.Length < HeaderLength)
            {
                break;
            }

            start += HeaderLength + (header[3] << 8) + header[4];
        }

        return records;
    }

    /// <summary>Whether the server said 101 and the client went on with TLS. A client that did not get the 101 to its end knows of no upgrade.</summary>
    public static bool HasSwitched(LinkedConnection connection) =>
        EndOfSwitch(connection.ToClient.Sent) >= 0
        && connection.ToServer.Sent is var request
        && request.Length > EndOfOffer(request);

    /// <summary>Whoever has said 101, or was told so, says nothing in clear text any more.</summary>
    /// <exception cref="InvalidDataException">Somebody did.</exception>
    public static void VerifySwitch(LinkedConnection connection)
    {
        var answer = connection.ToClient.Sent;
        var end = EndOfSwitch(answer);
        if (end >= 0)
        {
            FindRecords(answer, end);
            var request = connection.ToServer.Sent;
            FindRecords(request, EndOfOffer(request));
        }
    }

    private static int EndOfSwitch(ReadOnlySpan<byte> answer)
    {
        var switching = answer.IndexOf("HTTP/1.1 101 "u8);
        var end = switching < 0 ? -1 : answer[switching..].IndexOf("\r\n\r\n"u8);
        return end < 0 ? -1 : switching + end + 4;
    }

    private static int EndOfOffer(ReadOnlySpan<byte> request)
    {
        var offer = request.IndexOf("\r\nUpgrade: TLS/"u8);
        return offer + request[offer..].IndexOf("\r\n\r\n"u8) + 4;
    }
}
