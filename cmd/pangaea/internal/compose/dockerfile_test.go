package compose_test

import (
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var stage = regexp.MustCompile(`(?m)^FROM (\S+) AS (\S+)$`)

// images are the stages of the Dockerfile that something is made of, with what they say, by name.
func images(t *testing.T) map[string]string {
	t.Helper()
	content, err := os.ReadFile(root + "Dockerfile")
	require.NoError(t, err)
	images, text := map[string]string{}, string(content)
	begins := stage.FindAllStringSubmatchIndex(text, -1)
	for i, at := range begins {
		end := len(text)
		if i+1 < len(begins) {
			end = begins[i+1][0]
		}
		images[text[at[4]:at[5]]] = text[at[0]:end]
	}
	return images
}

func TestEveryProgramHasAnImage(t *testing.T) {
	programs := []string{"monolith", "pangaea"}
	folders, err := os.ReadDir(root + "cmd/split")
	require.NoError(t, err)
	for _, folder := range folders {
		if folder.IsDir() {
			programs = append(programs, folder.Name())
		}
	}
	made := images(t)
	for _, name := range programs {
		text := made[name]
		require.Contains(t, text, "FROM base AS "+name+"\n")
		require.Contains(t, text, "COPY --from=build /programs/"+name+" /\n")
		require.Contains(t, text, `ENTRYPOINT ["/`+name+`"]`)
		if name != "pangaea" && name != "messages" {
			require.Contains(t, text, `CMD ["/`+name+`", "ready"]`)
		}
	}
	delete(made, "build")
	delete(made, "base")
	require.ElementsMatch(t, programs, slices.Collect(maps.Keys(made)))
	for name, s := range committed(t).Services {
		if s.Build.Target != "" {
			require.Contains(t, programs, s.Build.Target, name)
			require.Equal(t, "pangaea/"+s.Build.Target, s.Image, name)
		}
	}
}

func TestImagesHaveNoRoot(t *testing.T) {
	made := images(t)
	require.Regexp(t, `(?m)^FROM scratch `, made["base"])
	require.Regexp(t, `(?m)^USER 10001:10001$`, made["base"])
	require.Contains(t, made["base"], "COPY --from=build --chown=10001:10001 /own /\n")
	require.Contains(t, strings.Join(committed(t).Services["prepare"].Command, " "), "--owner 10001")
	for name, text := range made {
		if name != "base" {
			require.NotRegexp(t, `(?m)^USER `, text, name)
		}
	}
	require.Contains(t, made["build"], "CGO_ENABLED=0 go build -trimpath ")
}

// An image is built from what .dockerignore lets through, which has to be all that the programs consist of.
func TestWhatProgramsConsistOfIsSentToTheEngine(t *testing.T) {
	ignored, err := os.ReadFile(root + ".dockerignore")
	require.NoError(t, err)
	var sent []string
	for line := range strings.Lines(string(ignored)) {
		if let, ok := strings.CutPrefix(strings.TrimSpace(line), "!"); ok {
			_, err := os.Stat(root + let)
			require.NoError(t, err)
			sent = append(sent, let)
		}
	}
	list := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "./cmd/monolith", "./cmd/pangaea", "./cmd/split/...")
	list.Dir, list.Env = root, append(os.Environ(), "GOPROXY=off")
	out, err := list.Output()
	require.NoError(t, err)
	ours := 0
	for _, imported := range strings.Fields(string(out)) {
		folder, own := strings.CutPrefix(imported, "github.com/pangaea-shop/pangaea/")
		if !own {
			continue
		}
		ours++
		require.True(t, slices.ContainsFunc(sent, func(let string) bool { return folder == let || strings.HasPrefix(folder, let+"/") }), folder)
		require.NotContains(t, folder, "testdata")
	}
	require.Greater(t, ours, 50)
}
