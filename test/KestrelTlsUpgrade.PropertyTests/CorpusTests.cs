using KestrelTlsUpgrade.Fuzzing;
using KestrelTlsUpgrade.Fuzzing.Input;

namespace KestrelTlsUpgrade.PropertyTests;

/// <summary>Every input of the corpora, and what is left of it when its end is missing, without a fuzzer.</summary>
public sealed class CorpusTests
{
    private static readonly string Corpus = Path.Combine(AppContext.BaseDirectory, "Corpus");

    public static TheoryData<string> Targets => [.. FuzzTargets.All.Keys];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Corpus_EveryInput_KeepsTheRules(string target)
    {
        var files = Directory.GetFiles(Path.Combine(Corpus, target));
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            var bytes = File.ReadAllBytes(file);
            for (var length = 0; length <= bytes.Length; length++)
            {
                var failure = Record.Exception(() => FuzzTargets.All[target](new FuzzInput(bytes.AsSpan(0, length))));
                Assert.True(failure is null, $"{file}, {length} bytes: {failure}");
            }
        }
    }
}
